import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Pages for people: what they point at is there, and each of them can be found. */

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', '{docs,bench,examples}/**/*.md', 'libs/*/README.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).toSorted();
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };

/** Beside the page in the package that `npm run build:audit-verifier` makes. */
const elsewhere = new Set(['libs/audit-log/README.md -> libs/audit-log/audit-format.md']);

interface Link {
  readonly from: string;
  readonly to: string;
  /** Behind `#`. */
  readonly heading: string;
}

/** Links to files of ours. */
function linksOf(page: string): Link[] {
  const text = textOf(page).replace(/^```.*?^```/gms, '');
  const addresses = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, address = '']) => address);
  return addresses
    .filter((address) => !/^[a-z]+:/.test(address))
    .map((address) => {
      const [path = '', heading = ''] = address.split('#');
      return { from: page, to: path === '' ? page : normalize(join(dirname(page), path)), heading };
    });
}

/** As GitHub makes an anchor of a heading. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .toLowerCase()
      .replaceAll(' ', '-'),
  );
}

const links = pages.flatMap(linksOf);

describe('the pages', () => {
  it('link to what is there', () => {
    expect(pages.length).toBeGreaterThan(100);
    const broken = links
      .filter(({ to, heading }) => {
        if (!existsSync(join(root, to))) return true;
        return heading !== '' && to.endsWith('.md') && !anchorsOf(to).includes(heading);
      })
      .map(({ from, to, heading }) => `${from} -> ${to}${heading && `#${heading}`}`);
    expect(broken.filter((link) => !elsewhere.has(link))).toEqual([]);
  });

  it('can be found from README.md and CONTRIBUTING.md', () => {
    const found = new Set(['README.md', 'CONTRIBUTING.md']);
    for (const page of found) for (const { from, to } of links) if (from === page && to.endsWith('.md')) found.add(to);
    const known = new Set(['CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'SECURITY.md']);
    expect(pages.filter((page) => !found.has(page) && !known.has(page))).toEqual([]);
  });

  it('name scripts and programs that there are', () => {
    const named = pages.flatMap((page) => {
      const text = textOf(page);
      const ofNpm = [...text.matchAll(/npm run ([a-z][a-z:-]*[a-z])(?![a-z:<…])/g)]
        .filter(([, name = '']) => !Object.hasOwn(scripts, name))
        .map(([whole]) => whole);
      const files = [...text.matchAll(/node ((?:bench|scripts|examples)\/[\w/.-]+\.(?:ts|js))/g)]
        .filter(([, file = '']) => !existsSync(join(root, file)))
        .map(([whole]) => whole);
      return [...ofNpm, ...files].map((whole) => `${page}: ${whole}`);
    });
    expect(named).toEqual([]);
  });
});
