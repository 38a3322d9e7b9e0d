import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';
import { codeOf, exists } from './files.ts';

/** Whom the server runs as, where that is not the user of this process. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** As root: where the server's user gets through if it can't to the installation or to the data directory. */
export const reachablePlace = '/var/lib/sallyport';

/**
 * The user `postgres`, made if absent: PostgreSQL refuses root.
 * @throws {EmbeddedPostgresError}
 */
export function postgresUser(): Identity {
  const id = (kind: '-u' | '-g') => {
    const { status, stdout } = spawnSync('id', [kind, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  };
  if (id('-u') === undefined) {
    spawnSync('groupadd', ['--system', 'postgres']);
    spawnSync('useradd', [
      '--system',
      '--gid',
      'postgres',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  }
  const uid = id('-u');
  const gid = id('-g');
  if (uid === undefined || gid === undefined) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root, and a user "postgres" cannot be made. Start as another user, or set DATABASE_URL.',
    );
  }
  return { uid, gid };
}

/** Whether the server's user may run what is there, or look into it where it is a folder. */
export function canReach(identity: Identity, path: string): boolean {
  return spawnSync('test', ['-x', path], { ...identity, cwd: '/' }).status === 0;
}

/**
 * Lets the server's user through to the data folder. Where the folder above is ours and closed, its group may pass, but
 * not look around. Where one further up is closed, the database goes to a place of its own and a link leads there.
 * @throws {EmbeddedPostgresError}
 */
export async function makeReachable(
  identity: Identity,
  dataDir: string,
  onProgress?: (line: string) => void,
): Promise<void> {
  const parent = dirname(dataDir);
  const linked = await readlink(dataDir).catch(() => undefined);
  if (linked !== undefined) {
    if (await exists(dirname(linked))) return;
    throw new EmbeddedPostgresError(
      `The database was kept in ${linked}, which is gone. Restore it, or remove ${parent}.`,
    );
  }
  if (canReach(identity, parent)) return;
  const { uid, mode } = await stat(parent);
  if (uid === 0) {
    await chown(parent, 0, identity.gid);
    await chmod(parent, (mode & 0o777) | 0o010);
  }
  if (canReach(identity, parent)) return;
  if (await exists(dataDir)) {
    throw new EmbeddedPostgresError(
      `PostgreSQL runs as the user "postgres", who cannot reach ${dataDir} any more. Open the folders above it (chmod o+x).`,
    );
  }
  const place = `${reachablePlace}/${randomBytes(6).toString('hex')}`;
  try {
    await makeOpenFolder(reachablePlace);
    await makeOpenFolder(place);
    await symlink(join(place, 'database'), dataDir);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL runs as the user "postgres", who can reach neither ${parent} nor ${place} (${codeOf(error)}). Set SALLYPORT_DATA_DIR to a folder outside closed ones, or start as another user.`,
    );
  }
  onProgress?.(`The database is kept in ${place}, because the user "postgres" cannot reach ${parent}.`);
}

/** A folder of ours that others may pass through, whatever mask we run under. */
export async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
