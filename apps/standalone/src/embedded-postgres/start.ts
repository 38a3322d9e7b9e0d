import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { reachableBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './error.ts';
import { codeOf, exists, realFolder } from './files.ts';
import { freePort } from './free-port.ts';
import { makeReachable, postgresUser } from './identity.ts';
import { assertSameMajor, databaseName, initialise } from './initialise.ts';
import { isServerOf, readServerLock, stopLeftover } from './lock-file.ts';
import { launch, type Server } from './server.ts';

// Test runs and the bench load this folder as it stands, with its types erased: no imports of ours from outside it, each with
// the suffix of its source, and no syntax that only TypeScript has.

export interface EmbeddedPostgresOptions {
  /** Folder of the database; made if absent. Keeps the superuser's password beside it, as `<folder>.password`. */
  readonly dataDir: string;
  /** Whether what was committed survives a crash of the machine. Only tests give it up, for speed. */
  readonly durable: boolean;
  /** Server settings, as in `{ max_connections: 300 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A free one where it is left out. */
  readonly port?: number;
  /** Told what takes long. */
  readonly onProgress?: (line: string) => void;
}

export interface EmbeddedPostgres extends Server {
  /** Address of the database `sallyport`, password included: never log it. */
  readonly url: string;
  readonly port: number;
}

/**
 * Starts the PostgreSQL that came with the installation, on a free loopback port and in a process group of its own:
 * Ctrl-C reaches every process of the terminal's group, and the database must outlive those that still write to it.
 *
 * As root it runs under the user `postgres`, because PostgreSQL refuses root.
 * @throws {EmbeddedPostgresError}
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const named = resolve(options.dataDir);
  const identity = process.getuid?.() === 0 ? postgresUser() : undefined;
  const binaries = await reachableBinaries(identity, options.onProgress);
  const password = await readPassword(`${named}.password`);
  if (identity) await makeReachable(identity, named, options.onProgress);
  const dataDir = await realFolder(named);

  if (!(await exists(join(dataDir, 'PG_VERSION')))) {
    options.onProgress?.('Initialising the database …');
    await initialise({ binaries, dataDir, identity, password });
  }
  await assertSameMajor(binaries, dataDir);
  await stopLeftover(dataDir);

  const port = options.port ?? (await freePort());
  const { durable, settings } = options;
  const server = await launch({ binaries, dataDir, identity, port, log: `${named}.log`, durable, settings });
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/${databaseName}`;
  return { url, port, ...server };
}

/**
 * Address of the server that runs on this folder, or undefined where none does.
 * For tools beside a running process.
 */
export async function runningServerUrl(dataDir: string): Promise<string | undefined> {
  const named = resolve(dataDir);
  const folder = await realFolder(named);
  const lock = await readServerLock(folder);
  if (lock?.state !== 'ready' || !(await isServerOf(lock.pid, folder))) return undefined;
  return `postgres://postgres:${await readPassword(`${named}.password`)}@127.0.0.1:${lock.port}/${databaseName}`;
}

async function readPassword(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw new EmbeddedPostgresError(`${file} cannot be written (${codeOf(error)}).`);
    }
  }
  const password = (await readFile(file, 'utf8')).trim();
  if (password) return password;
  throw new EmbeddedPostgresError(
    `${file} is empty: the database's password is lost. Restore the file from your backup.`,
  );
}
