import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fullDisk, hasNoRoom } from './disk.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Identity } from './identity.ts';
import { readServerLock } from './lock-file.ts';
import { serverEnvironment } from './programs.ts';

interface LaunchOptions {
  readonly binaries: string;
  readonly dataDir: string;
  readonly identity: Identity | undefined;
  readonly port: number;
  /** File for what the server says; begun anew. */
  readonly log: string;
  readonly durable: boolean;
  /** Server settings beside ours, and before them. */
  readonly settings: Readonly<Record<string, string | number>> | undefined;
}

export interface Server {
  /** Process id. */
  readonly pid: number;
  /** Settles when the server has gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Lets statements end or cuts them off, writes a last checkpoint, waits for the process. */
  stop(): Promise<void>;
}

const startMs = 60_000;
/** Of the 30 s that a drain may take, the last are the database's. */
const stopMs = 5_000;

/**
 * Starts the server, and waits until it takes connections.
 * @throws {EmbeddedPostgresError}
 */
export async function launch(options: LaunchOptions): Promise<Server> {
  const { dataDir, log } = options;
  const output = await open(log, 'w', 0o600);
  const child = spawnServer(options, output.fd);
  let gone = false;
  const ended = new Promise<void>((done) => {
    for (const event of ['exit', 'error']) child.once(event, () => done());
  }).then(() => void (gone = true));
  await output.close();
  const { pid } = child;
  if (pid !== undefined) endWithUs(pid, ended);
  const stop = async () => {
    if (!gone && pid !== undefined) await stopServer(child, ended);
  };
  for (let waited = 0; !gone && waited < startMs; waited += 25) {
    if ((await readServerLock(dataDir))?.state === 'ready' && pid !== undefined) return { pid, ended, stop };
    await delay(25);
  }
  await stop();
  const why = (await hasNoRoom(dataDir)) ? `cannot start: ${fullDisk(dataDir)}` : `did not start. See ${log}.`;
  throw new EmbeddedPostgresError(`The embedded PostgreSQL ${why}`);
}

function spawnServer({ binaries, dataDir, identity, ...options }: LaunchOptions, output: number): ChildProcess {
  const flags = Object.entries(settingsOf(options)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(join(binaries, 'bin/postgres'), ['-D', dataDir, ...flags], {
    ...identity,
    detached: true,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', output, output],
  });
}

function settingsOf({ port, durable, settings }: Pick<LaunchOptions, 'port' | 'durable' | 'settings'>) {
  return {
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
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...settings,
  };
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
  child.kill('SIGINT');
  // SIGQUIT leaves at once; what was committed is recovered at the next start.
  const impatience = setTimeout(() => child.kill('SIGQUIT'), stopMs);
  await ended;
  clearTimeout(impatience);
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
