import { spawnSync } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasNoRoom, fullDisk } from './disk.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Identity } from './identity.ts';
import { run } from './programs.ts';

/** The one that is ours, on a server of our own. */
export const databaseName = 'sallyport';

/**
 * Makes the folder of a database, with one database in it.
 * @throws {EmbeddedPostgresError}
 */
export async function initialise(parts: {
  binaries: string;
  dataDir: string;
  identity: Identity | undefined;
  password: string;
}): Promise<void> {
  const { binaries, dataDir, identity, password } = parts;
  // Built aside and moved when whole: a start that was cut off leaves no half database behind.
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  const passwordFile = join(draft, 'initial-password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (identity) {
    await chown(draft, identity.uid, identity.gid);
    await chown(passwordFile, identity.uid, identity.gid);
  }
  const target = join(draft, 'database');
  const words = await run(join(binaries, 'bin/initdb'), identity, [
    `--pgdata=${target}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order and the same messages on every machine.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]);
  if (words !== undefined) {
    const why = (await hasNoRoom(draft)) ? fullDisk(dirname(dataDir)) : words;
    throw new EmbeddedPostgresError(`The embedded PostgreSQL cannot be initialised: ${why}`);
  }
  // `create database` needs a server; a single-user one leaves no port open.
  const created = await run(
    join(binaries, 'bin/postgres'),
    identity,
    ['--single', '-D', target, '-c', 'fsync=off', 'postgres'],
    `create database ${databaseName}\n`,
  );
  if (created !== undefined) throw new EmbeddedPostgresError(`The database cannot be created: ${created}`);
  await rename(target, dataDir);
  await rm(draft, { recursive: true, force: true });
}

/** @throws {EmbeddedPostgresError} where the folder was made by another major version */
export async function assertSameMajor(binaries: string, dataDir: string): Promise<void> {
  const made = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
  const ours = spawnSync(join(binaries, 'bin/postgres'), ['--version'], { encoding: 'utf8' }).stdout;
  if (ours && !ours.includes(` ${made}.`)) {
    throw new EmbeddedPostgresError(
      `${dataDir} was made by PostgreSQL ${made}, but this installation brings ${ours.trim()}. Dump and restore it, or set DATABASE_URL.`,
    );
  }
}
