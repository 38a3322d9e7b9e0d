import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { generateKeyFile, selectKeys } from '#runtime';
import { AppProcess, type AppName } from '../faults/app-process.js';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.js';
import { createEmptyDatabase } from './database.js';
import { runProgram } from './system.js';
import { startVonageServer, type VonageServer } from './vonage-server.js';

const root = join(import.meta.dirname, '../..');

/** What a command of the shell came to. */
export interface Ran {
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The processes of an installation, each with a key file of its own, that can be restarted one after the other. */
export interface RotatingFleet {
  readonly vonage: VonageServer;
  readonly adminApiKey: string;
  readonly databaseUrl: string;
  /** By the process that each is of. */
  readonly keyFiles: Readonly<Record<string, string>>;
  /** `npm run admin -- …` @param until ends it by SIGKILL once this has come true */
  admin(args: readonly string[], until?: () => Promise<boolean>): Promise<Ran>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A call to one of the gateways that a balancer knows, in turn. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Restarts every process, one after the other, as for an upgrade: no gateway gets calls while it stops. */
  roll(): Promise<void>;
  stop(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

const kindsOf: Partial<Record<AppName, Parameters<typeof selectKeys>[1]>> = {
  gateway: ['sealing', 'webhook', 'pepper', 'proof'],
  'sms-worker': ['sealing'],
  'webhook-worker': ['webhook'],
  'audit-worker': ['checkpoint'],
};
const apps: readonly AppName[] = ['gateway', 'gateway', 'relay', 'sms-worker', 'webhook-worker', 'audit-worker'];

export async function startRotatingFleet(): Promise<RotatingFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-keys-'));
  const [store, vonage] = await Promise.all([createEmptyDatabase(), startVonageServer()]);
  const whole = generateKeyFile();
  const keyFiles = Object.fromEntries(Object.keys(kindsOf).map((app) => [app, join(folder, `${app}.json`)]));
  for (const [app, kinds] of Object.entries(kindsOf))
    await writeFile(keyFiles[app] ?? '', selectKeys(whole, kinds), { mode: 0o600 });

  const admin = async (args: readonly string[], until?: () => Promise<boolean>): Promise<Ran> => {
    const child = spawn(process.execPath, [join(root, 'dist/apps/standalone/src/admin.js'), ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], DATABASE_URL: store.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    let isOver = false;
    const ended = new Promise<number | NodeJS.Signals | null>((done) => {
      child.once('close', (code, signal) => {
        isOver = true;
        done(code ?? signal);
      });
    });
    if (until) {
      while (!isOver && !(await until()));
      child.kill('SIGKILL');
    }
    return { status: await ended, stdout, stderr };
  };
  const sql = async <Row extends object>(text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };

  const migrated = runProgram('standalone/migrate', [], { DATABASE_URL: store.url });
  if ((await migrated.ended) !== 0) throw new Error(migrated.output.stderr);
  const made = async (...args: string[]) => JSON.parse((await admin(args)).stdout) as Record<string, string>;
  const { tenantId = '' } = await made('tenant', 'create', 'Keys');
  const scopes = 'accounts,devices,challenges,audit,admin';
  const { key: adminApiKey = '' } = await made(
    'key',
    'create',
    '--tenant',
    tenantId,
    '--name',
    'k',
    '--scopes',
    scopes,
  );

  const more: Partial<Record<AppName, () => Promise<Record<string, string>>>> = {
    gateway: async () => ({
      PORT: String(await freePort()),
      SHUTDOWN_DELAY_SECONDS: '0',
      WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32',
    }),
    'sms-worker': async () => ({
      VONAGE_API_KEY: vonage.credentials.apiKey,
      VONAGE_API_SECRET: vonage.credentials.apiSecret,
      VONAGE_FROM: 'Sallyport',
      VONAGE_API_HOST: vonage.host,
    }),
    'webhook-worker': async () => ({ WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32' }),
    'audit-worker': async () => ({ AUDIT_ORIGIN: 'sallyport.test/audit', AUDIT_STATE_DIR: join(folder, 'audit') }),
  };
  const processes: AppProcess[] = [];
  for (const app of apps) {
    const keys = keyFiles[app];
    const environment = {
      DATABASE_URL: store.url,
      ...(keys !== undefined && { SALLYPORT_KEYS: keys }),
      ...(await more[app]?.()),
    };
    processes.push(new AppProcess(app, environment));
  }
  const stop = async () => {
    await Promise.all(processes.map((each) => each.end('SIGTERM')));
    await Promise.all([store.close(), vonage.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(processes.map((each) => each.start()));
  } catch (error) {
    await stop();
    throw error;
  }

  const up = new Set(processes.filter(({ app }) => app === 'gateway'));
  const underWay = new Map<AppProcess, number>();
  let turn = 0;
  return {
    vonage,
    adminApiKey,
    databaseUrl: store.url,
    keyFiles,
    admin,
    sql,
    async call(method, path, body, headers = {}) {
      const gateway = [...up][(turn += 1) % up.size];
      if (!gateway) throw new Error('No gateway is up.');
      underWay.set(gateway, (underWay.get(gateway) ?? 0) + 1);
      try {
        const response = await fetch(`${gateway.url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${adminApiKey}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.text();
        return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
      } finally {
        underWay.set(gateway, (underWay.get(gateway) ?? 0) - 1);
      }
    },
    async roll() {
      for (const each of processes) {
        const isGateway = up.delete(each);
        while ((underWay.get(each) ?? 0) > 0) await sleep(10);
        await each.end('SIGTERM');
        await each.start();
        if (isGateway) up.add(each);
      }
    },
    stop,
  };
}
