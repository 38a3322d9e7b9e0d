import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A bug as a patch, and the test that has to notice it. */
export interface Mutant {
  /** Name of its file, without `.patch`. */
  readonly name: string;
  readonly file: string;
  readonly bug: string;
  /** From the root of the project. */
  readonly spec: string;
  /** For Jest's `-t`; undefined takes the whole file. */
  readonly pattern: string | undefined;
  /** Files that it changes. */
  readonly changes: readonly string[];
}

export const mutantsFolder = resolve(import.meta.dirname, '../mutants');

/** The patches of `test/mutants`, by name. @throws {Error} where one does not say what it is */
export function readMutants(): Mutant[] {
  const files = readdirSync(mutantsFolder).filter((file) => file.endsWith('.patch'));
  return files.toSorted().map((file) => readMutant(join(mutantsFolder, file)));
}

function readMutant(file: string): Mutant {
  const name =
    file
      .split('/')
      .at(-1)
      ?.replace(/\.patch$/, '') ?? '';
  const text = readFileSync(file, 'utf8');
  const [header = ''] = text.split(/^--- /m);
  const bug = /^Bug: (.+)$/m.exec(header)?.[1];
  const caughtBy = /^Caught-by: (\S+)(?: -t "(.+)")?$/m.exec(header);
  const changes = [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, path = '']) => path);
  if (bug === undefined || caughtBy?.[1] === undefined || changes.length === 0) {
    throw new Error(`${name}.patch: it needs "Bug: …", "Caught-by: <spec> [-t "<pattern>"]", and then a unified diff.`);
  }
  return { name, file, bug, spec: caughtBy[1], pattern: caughtBy[2], changes };
}
