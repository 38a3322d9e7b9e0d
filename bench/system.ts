import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import { migrate } from '#persistence';
import { generateKeyFile } from '#runtime';
import { freePort } from '../apps/standalone/src/embedded-postgres/free-port.ts';
import { startEmbeddedPostgres } from '../apps/standalone/src/embedded-postgres/start.ts';
import { memoryFlags } from '../test/support/memory-flags.ts';
import { startRedis, type RedisServer } from '../test/support/redis-server.ts';

const root = join(import.meta.dirname, '..');
const startMs = 60_000;
/** How exact the time of a start is. */
const pollMs = 5;
/** As long as a process may take to drain. */
const stopMs = 30_000;

export type ProgramName = 'gateway' | 'relay' | 'sms-worker' | 'audit-worker' | 'webhook-worker' | 'standalone';

/** What every process says once it works. */
const ready = /"msg":"ready"/;
/** What `npm start` says, once every part of it does. */
const allReady = /is ready/;

/** A process of Sallyport, as an operator would run it. */
export interface Program {
  readonly pid: number;
  /** Where it listens; the gateway only. */
  readonly port: number;
  /** From its start until it said that it was ready. */
  readonly readyMs: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

export interface Provider {
  readonly host: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface System {
  readonly folder: string;
  readonly databaseUrl: string;
  /** The same by its Unix socket. */
  readonly socketUrl: string;
  readonly databasePid: number;
  readonly keyFile: string;
  /** `redis-server` of the PATH, or null where PostgreSQL is the queue. */
  readonly redis: RedisServer | null;
  readonly sql: pg.Client;
  start(name: ProgramName, env?: Record<string, string>): Promise<Program>;
  /** An SMS provider. @param delayMs that it takes for an answer @param hanging share of its requests that get none */
  provider(delayMs: number, hanging?: number): Promise<Provider>;
  /** Another database of the same server, empty. */
  newDatabase(name: string): Promise<{ readonly databaseUrl: string; readonly sql: pg.Client }>;
  /** Something else that is ended with the rest. */
  readonly take: Started['take'];
  /** Runs a file of this folder in a process of its own: one message in, one out. */
  inProcess<Job extends object, Answer>(file: string, job: Job): Promise<Answer>;
  /** Runs a program of the PATH. @returns what it wrote to stdout; an Error with its words where it fails */
  run(command: string, args: readonly string[], env?: Record<string, string>): Promise<string>;
}

/**
 * What was started, ended in the opposite order. A start that is under way is waited for: half of one can't be stopped.
 */
export class Started {
  private readonly closers: Promise<() => Promise<unknown>>[] = [];
  private stopping: Promise<void> | undefined;

  async take<T>(open: () => Promise<T>, close: (opened: T) => Promise<unknown>): Promise<T> {
    if (this.stopping) throw new Error('Stopping.');
    const opening = open();
    this.closers.push(opening.then((opened) => () => close(opened)));
    return opening;
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const closer of this.closers.toReversed()) {
      try {
        await (
          await closer
        )();
      } catch {
        // What did not start has nothing to stop; what has ended already is what we wanted.
      }
    }
  }
}

/**
 * PostgreSQL (durable), a queue, the tables and the keys; programs are started by name.
 * @param nodeOptions of the programs
 */
export async function openSystem(
  started: Started,
  nodeOptions: readonly string[],
  say: (line: string) => void,
): Promise<System> {
  const folder = await started.take(
    () => mkdtemp(join(tmpdir(), 'sallyport-bench-')),
    (made) => rm(made, { recursive: true, force: true }),
  );
  // As root, the server's user has to get through.
  await chmod(folder, 0o711);
  const sockets = join(folder, 'socket');
  await mkdir(sockets);
  await chmod(sockets, 0o777);
  say('Starting PostgreSQL …');
  const server = await started.take(
    () =>
      startEmbeddedPostgres({
        dataDir: join(folder, 'database'),
        durable: true,
        settings: {
          max_connections: 200,
          unix_socket_directories: sockets,
          shared_buffers: '256MB',
          // No checkpoint in the middle of a measurement.
          max_wal_size: '4GB',
          checkpoint_timeout: '30min',
          // Counts statements where it is told to, outside of the measurements.
          shared_preload_libraries: 'pg_stat_statements',
        },
      }),
    (running) => running.stop(),
  );
  const redis = await findRedis(started, say);
  await migrate(server.url);
  const queueUrl = redis?.url ?? server.url;
  await migrateQueues(queueUrl);
  const keyFile = generateKeyFile();
  const keysPath = join(folder, 'keys.json');
  await writeFile(keysPath, keyFile, { mode: 0o600 });
  const sql = await started.take(
    () => connect(server.url),
    (client) => client.end(),
  );

  const settings = {
    DATABASE_URL: server.url,
    QUEUE_URL: queueUrl,
    SALLYPORT_KEYS: keysPath,
    AUDIT_ORIGIN: 'sallyport.test/audit',
    AUDIT_STATE_DIR: join(folder, 'audit'),
  };
  const alone = {
    HOME: folder,
    SALLYPORT_DATA_DIR: join(folder, 'standalone'),
    PORT: '0',
    PANEL_PORT: '0',
    INBOX_PORT: '0',
    METRICS_PORT: '0',
  };
  const socketUrl = new URL(server.url);
  socketUrl.searchParams.set('host', sockets);
  let programs = 0;
  return {
    folder,
    databaseUrl: server.url,
    socketUrl: socketUrl.href,
    databasePid: server.pid,
    keyFile,
    redis,
    sql,
    async start(name, env = {}) {
      const log = join(folder, `${name}-${(programs += 1)}.log`);
      const own = { gateway: { PORT: String(await freePort()) }, standalone: alone }[name as string] ?? {};
      const environment = { ...(name === 'standalone' ? {} : settings), ...own, ...env };
      return started.take(
        () => startProgram(name, log, environment, nodeOptions),
        (program) => program.stop(),
      );
    },
    async provider(delayMs, hanging = 0) {
      const { told } = await started.take(
        async () => startProvider(delayMs, hanging),
        ({ child }) => end(child),
      );
      return told;
    },
    async newDatabase(name) {
      await sql.query(`create database ${name}`);
      const address = new URL(server.url);
      address.pathname = `/${name}`;
      const other = await started.take(
        () => connect(address.href),
        (client) => client.end(),
      );
      return { databaseUrl: address.href, sql: other };
    },
    take: (open, close) => started.take(open, close),
    async inProcess<Job extends object, Answer>(file: string, job: Job) {
      const child = fork(join(root, 'bench', file), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const answer = await new Promise<Answer>((done, fail) => {
        child.once('message', (message) => done(message as Answer));
        child.once('error', fail);
        child.once('exit', (status, signal) => fail(new Error(`${file} ended with ${status ?? signal}.`)));
        child.send(job);
      });
      await ended(child);
      return answer;
    },
    run: runCommand,
  };
}

function startProvider(delayMs: number, hanging: number): { child: ChildProcess; told: Promise<Provider> } {
  const child = fork(join(root, 'bench/provider.ts'), [String(delayMs), String(hanging)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const told = new Promise<Provider>((done, fail) => {
    child.once('message', (message) => done(message as Provider));
    child.once('error', fail);
    child.once('exit', (status) => fail(new Error(`The provider ended with ${status}.`)));
  });
  return { child, told };
}

async function findRedis(started: Started, say: (line: string) => void): Promise<RedisServer | null> {
  if (spawnSync('redis-server', ['--version']).status === 0) {
    return started.take(
      () => startRedis(),
      (redis) => redis.stop(),
    );
  }
  say('No redis-server on the PATH: PostgreSQL is the queue.');
  return null;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  client.on('error', () => undefined);
  // Rather an error than a wait without end.
  await client.query(`set lock_timeout = '60s'`);
  return client;
}

async function startProgram(
  name: ProgramName,
  logPath: string,
  env: Record<string, string>,
  nodeOptions: readonly string[],
): Promise<Program> {
  const log = await open(logPath, 'w');
  const all = name === 'standalone';
  const flags = [...memoryFlags(all ? 'start' : `start:${name}`), ...nodeOptions];
  const program = all ? ['scripts/start.js', 'standalone/main'] : [`dist/apps/${name}/src/main.js`];
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, ...program], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  while (performance.now() - began < startMs) {
    const text = await readFile(logPath, 'utf8');
    const readyMs = performance.now() - began;
    if ((all ? allReady : ready).test(text)) {
      return { pid: child.pid ?? 0, port: Number(env['PORT'] ?? 0), readyMs, stop: () => end(child) };
    }
    if (child.exitCode !== null) throw new Error(`${name} did not start: ${text.trim()}`);
    await sleep(pollMs);
  }
  await end(child);
  throw new Error(`${name} was not ready within ${startMs / 1000} s.`);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => child.once('exit', () => done()));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  // A halted one would not hear it.
  child.kill('SIGCONT');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended(child);
  clearTimeout(impatience);
}

async function runCommand(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const status = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  if (status !== 0) throw new Error(`${command} ended with ${String(status)}: ${output.stderr.trim()}`);
  return output.stdout;
}
