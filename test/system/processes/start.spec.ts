import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyFile, loadHeldKeys, selectKeys, type Keys } from '#runtime';
import { smsSettings } from '../../../apps/sms-worker/src/description.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { redisIsHere, startRedis } from '../../support/redis-server.js';
import { isReady, runProgram, startSystem, temporaryDataDir } from '../../support/system.js';

// Each test starts many processes, and a busy machine takes some seconds for each.
jest.setTimeout(240_000);

/** Environment of a process that would start but for what a test takes from it. */
type Settings = Record<string, string>;

/** Starts a program that does not come up. @returns its words */
async function refusal(program: string, settings: Settings, args: string[] = []): Promise<string> {
  const started = runProgram(program, args, settings);
  const status = await started.ended;
  const { stdout, stderr } = started.output;
  const lines = stderr.split('\n').filter((line) => /^[\w-]+: /.test(line));
  expect({ status, lines: lines.length, stdout, stderr }).toMatchObject({ status: 1, lines: 1 });
  // No stack, no warning of Node.js, and no line in the log that says the same in other words.
  expect(stderr).not.toMatch(/\n {4}at |Warning/);
  expect(stdout).not.toMatch(/"level":[456]0/);
  return lines[0] ?? '';
}

describe('npm start', () => {
  let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
  beforeAll(async () => {
    dataDir = await temporaryDataDir();
  });
  afterAll(() => dataDir.remove());

  it.each([['--help'], ['-h']])('answers %s and starts nothing', async (argument) => {
    const program = runProgram('standalone/main', [argument], { SALLYPORT_DATA_DIR: '/proc/x' });
    expect(await program.ended).toBe(0);
    for (const name of ['PORT', 'INBOX_PORT', 'SALLYPORT_DATA_DIR', 'SMTP_URL'])
      expect(program.output.stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(program.output.stderr).not.toContain('PostgreSQL');
  });

  it.each([['--port=3000'], ['start'], ['--version']])('refuses %s, which it does not know', async (argument) => {
    const program = runProgram('standalone/main', [argument], { SALLYPORT_DATA_DIR: dataDir.path });
    expect(await program.ended).toBe(2);
    expect(program.output.stderr).toContain(`sallyport: "${argument}" is not known. See --help.\n`);
  });

  it('names a data directory that cannot be had, and does not wait for it', async () => {
    // Which other paths these are: data-dir.spec.ts.
    expect(await refusal('standalone/main', { SALLYPORT_DATA_DIR: '/proc/x' })).toContain(
      'SALLYPORT_DATA_DIR names /proc/x, which cannot be created or used (E',
    );
    expect(await refusal('standalone/main', { SALLYPORT_DATA_DIR: '/proc' })).toContain('/proc');
    expect(await refusal('standalone/admin', { SALLYPORT_DATA_DIR: '/proc/x' }, ['tenant', 'list'])).toContain(
      '/proc/x',
    );
    expect(await refusal('standalone/admin', {}, ['keys', 'create', '--dir', '/proc/x'])).toContain('/proc/x');
  });

  it('names all that is wrong at once, before PostgreSQL starts', async () => {
    const words = await refusal('standalone/main', {
      SALLYPORT_DATA_DIR: dataDir.path,
      PORT: 'abc',
      INBOX_PORT: '70000',
      LOG_LEVEL: 'loud',
      SMTP_URL: 'smtp://localhost',
      MAIL_FROM: 'Panel',
      VONAGE_API_KEY: 'key',
    });
    for (const name of ['PORT', 'INBOX_PORT', 'LOG_LEVEL', 'MAIL_FROM']) expect(words).toContain(`${name} must be `);
    for (const name of ['VONAGE_API_SECRET', 'VONAGE_FROM']) expect(words).toContain(`${name} is missing`);
  });

  it('tries its ports before PostgreSQL starts, each under its own name', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    const free = { PORT: '0', PANEL_PORT: '0', INBOX_PORT: '0', METRICS_PORT: '0' };
    try {
      for (const name of Object.keys(free)) {
        const settings = { SALLYPORT_DATA_DIR: dataDir.path, ...free, [name]: String(port) };
        const program = runProgram('standalone/main', [], settings);
        expect(await program.ended).toBe(1);
        expect(program.output.stderr).toBe(
          `sallyport: port ${port} is in use. Set ${name} to a free port, or to 0 for any free port.\n`,
        );
      }
    } finally {
      await new Promise((done) => other.close(done));
    }
  });

  it('starts in a folder with spaces, and is ready', async () => {
    const path = join(dataDir.path, 'a folder with spaces');
    await mkdir(dataDir.path, { recursive: true });
    const system = await startSystem(path);
    try {
      expect(await system.readiness(isReady)).toMatchObject({
        checks: { database: true, queue: true, clock: true, keys: true, disk: true, publishing: true },
      });
      const line = /^ +curl (?:.*\\\n)*.*$/m.exec(system.output.stderr)?.[0] ?? '';
      const told = spawnSync('sh', ['-c', `${line} --silent --write-out '%{http_code}' --output /dev/null`]);
      expect(String(told.stdout)).toMatch(/^20[01]$/);
    } finally {
      await system.stop();
    }
    // The same database with the keys of another installation, or with one of them.
    const keys = join(dataDir.path, 'other.json');
    await writeFile(keys, generateKeyFile());
    expect(await refusal('standalone/main', { SALLYPORT_DATA_DIR: path, SALLYPORT_KEYS: keys, ...anyPorts })).toMatch(
      /SALLYPORT_KEYS is not the key file of this database: .*sealing key .* is missing.*another pepper/,
    );
  });
});

const anyPorts = { PORT: '0', PANEL_PORT: '0', INBOX_PORT: '0' };

describe('a separate process', () => {
  let store: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryDataDir>>;
  const own = generateKeyFile();
  const other = generateKeyFile();
  const base = () => ({
    DATABASE_URL: store.url,
    SALLYPORT_KEYS: own,
    AUDIT_ORIGIN: 'sallyport.test/audit',
    AUDIT_STATE_DIR: folder.path,
    PORT: '0',
  });

  beforeAll(async () => {
    store = await createTestDatabase();
    folder = await temporaryDataDir();
  });
  afterAll(async () => {
    await store.close();
    await folder.remove();
  });

  /** Starts it and ends it again. @returns what it said of its health */
  async function look(program: string, settings: Settings): Promise<{ status: string; reasons?: string[] }> {
    const started = runProgram(program, [], { ...settings, SHUTDOWN_DELAY_SECONDS: '0' });
    const line = await new Promise<string>((done, fail) => {
      started.process.stdout?.on('data', () => {
        const found = started.output.stdout.split('\n').find((each) => each.includes('"msg":"ready"'));
        if (found) done(found);
      });
      void started.ended.then(() => fail(new Error(started.output.stderr)));
    });
    const { metricsUrl } = JSON.parse(line) as { metricsUrl: string };
    const answer = await fetch(new URL('/readyz', metricsUrl));
    started.process.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    expect(started.output.stderr).not.toContain('Warning');
    return (await answer.json()) as { status: string; reasons?: string[] };
  }

  it('names every setting that is missing or wrong at once', async () => {
    expect(await refusal('sms-worker/main', { HEALTH_PORT: 'x' })).toMatch(
      /DATABASE_URL is missing.* SALLYPORT_KEYS is missing.* HEALTH_PORT must be.* No route for SMS is configured: .*vonage \(VONAGE_API_KEY,.* twilio \(TWILIO_ACCOUNT_SID,.* http \(SMS_HTTP_URL,/,
    );
    expect(await refusal('sms-worker/main', { ...base(), SMS_ROUTES: 'twilio,http' })).toMatch(
      /^(?!.*VONAGE).*_SID is missing.*TWILIO_AUTH_TOKEN is missing.* TWILIO_FROM is missing.* SMS_HTTP_URL is missing.* SMS_HTTP_SECRET is missing/,
    );
    expect(await refusal('panel/main', { PANEL_PORT: '-1' })).toMatch(/SALLYPORT_URL is missing.* PANEL_PORT must be/);
  });

  it.each([
    ['vonage', { VONAGE_API_KEY: 'key', VONAGE_API_SECRET: 'secret', VONAGE_FROM: 'Panel' }],
    ['twilio', { TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`, TWILIO_AUTH_TOKEN: 'token', TWILIO_FROM: 'Panel' }],
    ['http', { SMS_HTTP_URL: 'https://sms.example', SMS_HTTP_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` }],
  ])('sends SMS by %s alone, with the settings of the others left empty as by Compose', async (_, route) => {
    const empty = Object.fromEntries(smsSettings.map((name) => [name, '']));
    // Of its own: the keys that a database is first used with are its keys.
    const fresh = await createTestDatabase();
    const looked = look('sms-worker/main', { ...base(), DATABASE_URL: fresh.url, ...empty, ...route });
    expect(await looked.finally(() => fresh.close())).toMatchObject({ status: 'ready' });
  });

  it('names the server that does not answer as it should', async () => {
    const refusedAt = (change: (url: URL) => void) => {
      const url = new URL(store.url);
      change(url);
      return refusal('relay/main', { ...base(), DATABASE_URL: url.href });
    };
    expect(await refusedAt((url) => url.searchParams.set('sslmode', 'require'))).toContain(
      'the PostgreSQL of DATABASE_URL does not support TLS',
    );
    expect(await refusedAt((url) => (url.pathname = '/none'))).toContain('no database with this name');
    expect(await refusedAt((url) => (url.password = 'x'))).toContain('rejected the login');
    expect(await refusedAt((url) => (url.password = ''))).toContain('requires a password');
    expect(await refusedAt((url) => (url.port = '1'))).toContain('DATABASE_URL cannot be reached');
    expect(await refusal('relay/main', { ...base(), QUEUE_URL: 'redis://127.0.0.1:1' })).toContain(
      'the server of QUEUE_URL cannot be reached',
    );
  });

  it('has the keys that the database was used with, or does not start', async () => {
    // A worker that came first with others would make all others wrong.
    const early = {
      ...base(),
      SALLYPORT_KEYS: selectKeys(other, ['sealing']),
      SMTP_URL: 'smtp://h',
      MAIL_FROM: 'a@b.c',
    };
    expect(await look('email-worker/main', early)).toMatchObject({ status: 'ready', checks: { keys: true } });
    expect(await look('gateway/main', base())).toMatchObject({ status: 'ready', checks: { keys: true } });
    expect(await look('audit-worker/main', base())).toMatchObject({ checks: { keys: true } });
    // Again, as after an update.
    expect(await look('gateway/main', base())).toMatchObject({ status: 'ready' });

    const refused = (program: string, keys: string) => refusal(program, { ...base(), SALLYPORT_KEYS: keys });
    expect(await refused('gateway/main', other)).toMatch(
      /sealing key "s-\w+" is missing; the webhook key "w-\w+" is missing; it has another pepper; its proof/,
    );
    expect(await refused('audit-worker/main', other)).toContain('its checkpoint key');
    expect(await refusal('email-worker/main', early)).toMatch(/sealing key "s-\w+" is missing/);
    expect(await refused('gateway/main', mixed({ pepper: other }))).toMatch(/: it has another pepper\./);
    expect(await refused('gateway/main', mixed({ proof: other }))).toMatch(
      /: its proof key "p-\w+" is not known here\./,
    );
    expect(await refused('gateway/main', renamed())).toMatch(/: it has another sealing key "s-\w+"\./);
  });

  it('takes a new sealing key beside those of before, and is not left without one of them', async () => {
    const both = rotated();
    const settings = { ...base(), SALLYPORT_KEYS: both };
    expect(await look('gateway/main', settings)).toMatchObject({ status: 'ready', checks: { keys: true } });
    expect(await refusal('gateway/main', base())).toContain('is missing');
    expect(await look('gateway/main', settings)).toMatchObject({ status: 'ready' });
  });

  it('starts with other keys once an operator has said that they are meant', async () => {
    const settings = { ...base(), SALLYPORT_KEYS: other };
    const accepted = runProgram('standalone/admin', ['keys', 'accept'], settings);
    expect(await accepted.ended).toBe(0);
    const kinds = (JSON.parse(accepted.output.stdout) as { kind: string }[]).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['sealing', 'webhook', 'pepper', 'proof', 'checkpoint']));
    expect(await look('gateway/main', settings)).toMatchObject({ status: 'ready', checks: { keys: true } });
    expect(await refusal('gateway/main', base())).toContain('another pepper');
    // Nothing of a key stands in the database.
    const { em } = await store.database.orm();
    const rows = await em().execute('select * from known_key');
    const { sealing, pepper } = loadHeldKeys({ SALLYPORT_KEYS: other }) as Keys;
    const stored = JSON.stringify(rows);
    for (const key of [...sealing.keys.values(), pepper.lookups.export()])
      for (const form of ['hex', 'base64'] as const) expect(stored).not.toContain(Buffer.from(key).toString(form));
  });

  it('imports nothing under keys that the database does not know', async () => {
    const { em } = await store.database.orm();
    await em().execute(`insert into tenant (id, name) values ('tnt_1', 'One')`);
    const file = `${folder.path}.ndjson`;
    await writeFile(file, '');
    expect(await refusal('standalone/admin', base(), ['import', file, '--tenant', 'tnt_1'])).toContain(
      'another pepper',
    );
  });

  const parsed = (text: string) => JSON.parse(text) as Record<string, object> & { sealing: Sealing };
  interface Sealing {
    readonly active: string;
    readonly keys: Record<string, string>;
  }
  /** Our key file with some kinds of another one. */
  const mixed = (kinds: Record<string, string>) => {
    const taken = Object.entries(kinds).map(([kind, file]) => [kind, parsed(file)[kind]] as const);
    return JSON.stringify({ ...parsed(own), ...Object.fromEntries(taken) });
  };
  /** Another key under the id of ours. */
  const renamed = () => {
    const { active } = parsed(own).sealing;
    const [key = ''] = Object.values(parsed(other).sealing.keys);
    return JSON.stringify({ ...parsed(own), sealing: { active, keys: { [active]: key } } });
  };
  const rotated = () => {
    const keys = { ...parsed(own).sealing.keys, ['s-next']: Object.values(parsed(other).sealing.keys)[0] };
    return JSON.stringify({ ...parsed(own), sealing: { active: 's-next', keys } });
  };
});

(redisIsHere() ? describe : describe.skip)('a queue on Redis', () => {
  it('is in the database that QUEUE_URL names, or the process does not start', async () => {
    const redis = await startRedis(['--databases', '4']);
    const store = await createTestDatabase();
    try {
      for (const number of [4, 99]) {
        const settings = { DATABASE_URL: store.url, QUEUE_URL: `${redis.url}/${number}` };
        expect(await refusal('relay/main', settings)).toContain(`Redis has no database ${number} `);
      }
    } finally {
      await store.close();
      await redis.stop();
    }
  });
});
