import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { generateKeyFile } from '#runtime';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres/start.js';
import { runProgram } from '../support/system.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startSmtpServer, type TestSmtpServer } from '../support/smtp-server.js';
import { startVonageServer, type VonageServer } from '../support/vonage-server.js';
import { AppProcess, type AppName } from './app-process.js';

/** How many of each; those that send webhooks for whoever looks at these alone. */
export type FleetSize = Readonly<Record<Exclude<AppName, 'webhook-worker'>, number>> & { 'webhook-worker'?: number };

/** Everything that an operator runs, each as a process of its own, with a PostgreSQL that keeps what it confirms. */
export interface Fleet {
  readonly vonage: VonageServer;
  readonly smtp: TestSmtpServer;
  readonly redis: FaultyRedis;
  readonly postgres: FaultyPostgres;
  of(app: AppName): AppProcess[];
  /** API key of the one tenant, with every scope. */
  readonly adminApiKey: string;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

export interface FaultyRedis {
  readonly url: string;
  command(name: string, ...args: string[]): Promise<unknown>;
  kill(): Promise<void>;
  /** Ends it and removes what it had written. */
  killAndEmpty(): Promise<void>;
  /** Ends it and cuts off the end of what it had written. */
  killAndCut(): Promise<void>;
  start(): Promise<void>;
}

export interface FaultyPostgres {
  readonly url: string;
  /** Halts all of its processes for so long, as a machine that stands still. */
  standStill(ms: number): Promise<void>;
  /** SIGQUIT: PostgreSQL's immediate shutdown, as after a crash. */
  stopAtOnce(): Promise<void>;
  start(): Promise<void>;
}

const vonageFrom = 'Sallyport';
const mailFrom = 'Panel <2fa@panel.example>';

export async function startFleet(size: FleetSize): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-faults-'));
  // As root, the database's user has to get through.
  await chmod(folder, 0o711);
  const [postgres, redisServer, vonage, smtp] = await Promise.all([
    startPostgres(join(folder, 'database')),
    startRedis(),
    startVonageServer(),
    startSmtpServer(),
  ]);
  const redis = faulty(redisServer);
  const apps: AppProcess[] = [];
  const stop = async () => {
    await Promise.all(apps.map((app) => app.end('SIGTERM')));
    await Promise.all([postgres.stopAtOnce(), redisServer.stop(), vonage.close(), smtp.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  await program('migrate', [], { DATABASE_URL: postgres.url, QUEUE_URL: redis.url });
  const admin = async (...args: string[]) =>
    JSON.parse(await program('admin', args, { DATABASE_URL: postgres.url })) as Record<string, string>;
  const { tenantId } = await admin('tenant', 'create', 'Faults');
  const scopes = 'accounts,devices,challenges,audit,admin';
  const created = await admin('key', 'create', '--tenant', tenantId ?? '', '--name', 'faults', '--scopes', scopes);
  const adminApiKey = created.key ?? '';

  const keys = JSON.parse(generateKeyFile()) as Record<string, unknown>;
  const only = (...kinds: string[]) => JSON.stringify(Object.fromEntries(kinds.map((kind) => [kind, keys[kind]])));
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const rolePassword = randomBytes(12).toString('hex');
  const roleUrl = async (app: AppName) => {
    const role = `sallyport_${app.replaceAll('-', '_')}`;
    await client.query(`alter role ${role} login password '${rolePassword}'`);
    return Object.assign(new URL(postgres.url), { username: role, password: rolePassword }).toString();
  };
  const environments: Record<AppName, () => Promise<Record<string, string>>> = {
    // A port for life: whoever restarts a gateway keeps its address.
    gateway: async () => ({
      SALLYPORT_KEYS: only('sealing', 'webhook', 'pepper', 'proof'),
      PORT: String(await freePort()),
      WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32',
    }),
    relay: async () => ({}),
    'sms-worker': async () => ({
      SALLYPORT_KEYS: only('sealing'),
      VONAGE_API_KEY: vonage.credentials.apiKey,
      VONAGE_API_SECRET: vonage.credentials.apiSecret,
      VONAGE_FROM: vonageFrom,
      VONAGE_API_HOST: vonage.host,
    }),
    'email-worker': async () => ({ SALLYPORT_KEYS: only('sealing'), SMTP_URL: smtp.url, MAIL_FROM: mailFrom }),
    'audit-worker': async () => ({
      SALLYPORT_KEYS: only('checkpoint'),
      AUDIT_ORIGIN: 'sallyport.test/audit',
      AUDIT_STATE_DIR: join(folder, 'audit'),
    }),
    'lockout-worker': async () => ({ SALLYPORT_KEYS: only('sealing') }),
    'webhook-worker': async () => ({ SALLYPORT_KEYS: only('webhook'), WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32' }),
  };
  for (const [app, count] of Object.entries(size) as [AppName, number][]) {
    for (let number = 0; number < count; number += 1) {
      const shared = { DATABASE_URL: await roleUrl(app), QUEUE_URL: redis.url, LOG_LEVEL: 'info' };
      apps.push(new AppProcess(app, { ...shared, ...(await environments[app]()) }));
    }
  }
  await client.end();
  try {
    await Promise.all(apps.map((app) => app.start()));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    vonage,
    smtp,
    redis,
    postgres,
    adminApiKey,
    of: (app) => apps.filter((each) => each.app === app),
    async sql<Row extends object>(text: string, values: unknown[] = []) {
      const client = new pg.Client({ connectionString: postgres.url, application_name: 'faults' });
      await client.connect();
      try {
        return (await client.query<Row>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    stop,
  };
}

function faulty(server: RedisServer): FaultyRedis {
  let running = true;
  const kill = async () => {
    running = false;
    await server.kill();
  };
  return {
    url: server.url,
    command: (name, ...args) => server.command(name, ...args),
    kill,
    async killAndEmpty() {
      running = false;
      await server.killAndEmpty();
    },
    async killAndCut() {
      running = false;
      await server.killAndCut();
    },
    async start() {
      if (!running) await server.start();
      running = true;
    },
  };
}

async function startPostgres(dataDir: string): Promise<FaultyPostgres> {
  const port = await freePort();
  let server: EmbeddedPostgres | undefined;
  const start = async () => {
    server ??= await startEmbeddedPostgres({ dataDir, durable: true, port, settings: { max_connections: 300 } });
    return server;
  };
  const { url } = await start();
  return {
    url,
    start: async () => void (await start()),
    async standStill(ms) {
      if (!server) throw new Error('PostgreSQL does not run.');
      const signal = (name: 'STOP' | 'CONT') => spawnSync('pkill', [`-${name}`, '-P', String(server?.pid)]);
      // The parent first, so that it makes no more of them; each has a process group of its own.
      process.kill(server.pid, 'SIGSTOP');
      signal('STOP');
      await sleep(ms);
      signal('CONT');
      process.kill(server.pid, 'SIGCONT');
    },
    async stopAtOnce() {
      if (!server) return;
      process.kill(server.pid, 'SIGQUIT');
      await server.ended;
      server = undefined;
    },
  };
}

/** What an operator runs from the shell. @returns what it printed */
async function program(name: 'admin' | 'migrate', args: string[], env: Record<string, string>): Promise<string> {
  const started = runProgram(`standalone/${name}`, args, env);
  if ((await started.ended) !== 0) throw new Error(started.output.stderr);
  return started.output.stdout;
}
