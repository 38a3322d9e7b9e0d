import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '../..');

/** Every TypeScript source below apps and libs, tests left out. `.tsx` holds pages: it has no statements and no settings. */
export function readSources(endings: readonly string[] = ['.ts']): SourceFile[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => endings.some((ending) => name.endsWith(ending)) && !/\.spec\.tsx?$/.test(name))
      .map((name) => {
        const path = join(folder, name);
        return { path, text: readFileSync(join(root, path), 'utf8') };
      }),
  );
}

/** How a statement is declared: its name, or what that begins with where it ends in a part that is filled in. */
export const declaration =
  /\b(?:statement|batchStatement|changingBatchStatement)(?:<[^`]*?>)?\(\s*(?:'([^']+)'|`([^`$]+)\$\{)/g;

/** Every match of a pattern with one group, with the file it stands in. */
export function findAll(sources: readonly SourceFile[], pattern: RegExp): { path: string; found: string }[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ path, found: match[1] ?? '' })),
  );
}
