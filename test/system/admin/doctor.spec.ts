import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertKnownKeys } from '#persistence';
import { generateKeyFile, loadKeys } from '#runtime';
import { runAdmin, runDoctor } from '../../support/admin.js';
import { createEmptyDatabase } from '../../support/database.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { redisIsHere, startRedis } from '../../support/redis-server.js';
import { closedPort, startSilentServer } from '../../support/silent-server.js';
import { startSmtpServer } from '../../support/smtp-server.js';
import { startVonageServer } from '../../support/vonage-server.js';

let panel: TestPanel;
let env: Record<string, string>;
beforeAll(async () => {
  panel = await startPanel();
  env = { DATABASE_URL: panel.databaseUrl, SALLYPORT_KEYS: panel.keyFile };
  await assertKnownKeys(panel.database, loadKeys(['sealing', 'pepper', 'proof'], { SALLYPORT_KEYS: panel.keyFile }));
  // What the panel has written is no audit worker's any more: none runs here.
  await panel.sql(`insert into audit_cursor (id, tx) values (1, pg_snapshot_xmax(pg_current_snapshot()))
    on conflict (id) do update set tx = excluded.tx`);
});
afterAll(() => panel.stop());

/** Changes something for the time of `work`, and puts it back. */
async function whileSo<T>(change: string, back: string, work: () => Promise<T>): Promise<T> {
  await panel.sql(change);
  try {
    return await work();
  } finally {
    await panel.sql(back);
  }
}

test('finds nothing wrong where all is well, and tells no secret', async () => {
  const [smtp, vonage] = [await startSmtpServer(), await startVonageServer()];
  const { apiKey, apiSecret } = vonage.credentials;
  try {
    const { of, faults, stdout } = await runDoctor({
      ...env,
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Panel <2fa@panel.example>',
      VONAGE_API_KEY: apiKey,
      VONAGE_API_SECRET: apiSecret,
      VONAGE_FROM: 'Panel',
      VONAGE_API_HOST: vonage.host,
    });
    expect(faults).toEqual([]);
    for (const check of [
      'settings',
      'database',
      'migrations',
      'clock',
      'keys',
      'relay',
      'workers',
      'sealing',
      'smtp',
      'vonage',
    ]) {
      expect(of(check)).toMatchObject({ status: 'ok' });
    }
    expect(of('vonage').detail).toContain('10.28');
    // There is a queue, and nobody has published to it.
    expect(of('queue')).toMatchObject({ status: 'warning', fix: 'Start the relay.' });
    // Nothing was sent to find that out.
    expect([smtp.mails, vonage.messages]).toEqual([[], []]);
    const { password } = new URL(panel.databaseUrl);
    for (const secret of [apiSecret, password, (JSON.parse(panel.keyFile) as { pepper: string }).pepper]) {
      if (secret !== '') expect(stdout).not.toContain(secret);
    }
    vonage.setBalance(0);
    const empty = await runDoctor({
      ...env,
      VONAGE_API_KEY: apiKey,
      VONAGE_API_SECRET: apiSecret,
      VONAGE_FROM: 'Panel',
      VONAGE_API_HOST: vonage.host,
    });
    expect(empty.of('vonage')).toMatchObject({ status: 'fault', fix: 'Add credit to the account at Vonage.' });
  } finally {
    await Promise.all([smtp.close(), vonage.close()]);
  }
}, 240_000);

test('says as text what is wrong and how to mend it', async () => {
  const found = await runAdmin(['doctor', '--text'], { ...env, SMTP_URL: 'smtp://127.0.0.1:1', LOG_LEVEL: 'loud' });
  expect(found).toMatchObject({ status: 1, stderr: '' });
  expect(found.stdout).toMatch(/^FAULT +settings +.*MAIL_FROM is missing[^\n]*\n +→ /m);
  expect(found.stdout).toMatch(/^FAULT +smtp +127\.0\.0\.1:1: cannot be reached/m);
  expect(found.stdout).toMatch(/2 things are wrong\.\n$/);
}, 240_000);

describe('a database', () => {
  test('that is down, is none, says nothing or is not there at all', async () => {
    const silent = await startSilentServer();
    const at = (port: number) => ({ DATABASE_URL: `postgres://x:secret-word@127.0.0.1:${port}/sallyport` });
    const nothing = { SALLYPORT_DATA_DIR: '/nonexistent/sallyport' };
    try {
      const all = await Promise.all([at(await closedPort()), at(silent.port), nothing].map((own) => runDoctor(own)));
      for (const { of, faults, stdout } of all) {
        expect(faults).toEqual(['database']);
        for (const check of ['keys', 'queue', 'relay', 'sealing'])
          expect(of(check)).toMatchObject({ status: 'skipped' });
        expect(stdout).not.toContain('secret-word');
      }
      expect(all[0]?.of('database').detail).toContain('ECONNREFUSED');
      expect(all[2]?.of('database').detail).toContain('there is no database');
    } finally {
      await silent.close();
    }
  }, 240_000);

  test('whose tables are missing or behind', async () => {
    const empty = await createEmptyDatabase();
    try {
      const { of, faults } = await runDoctor({ ...env, DATABASE_URL: empty.url });
      expect(faults).toEqual(['migrations']);
      expect(of('migrations')).toMatchObject({ detail: expect.stringContaining('1 migration(s) behind') });
      expect(of('migrations').fix).toContain('npm run migrate');
    } finally {
      await empty.close();
    }
  }, 240_000);

  test('that accepts no writes', async () => {
    const name = new URL(panel.databaseUrl).pathname.slice(1);
    await whileSo(
      `alter database ${name} set default_transaction_read_only = on`,
      `alter database ${name} reset default_transaction_read_only`,
      async () =>
        expect((await runDoctor(env)).of('database')).toMatchObject({
          status: 'fault',
          fix: expect.stringContaining('primary'),
        }),
    ).catch(async (error: unknown) => {
      // The sessions of the panel may have become read-only, too.
      await panel.sql(`set default_transaction_read_only = off`);
      throw error;
    });
  }, 240_000);

  test('whose clock is another', async () => {
    const shifted = `--import=data:text/javascript,${encodeURIComponent('const now = Date.now; Date.now = () => now() + 3600_000;')}`;
    const { of, faults } = await runDoctor({ ...env, NODE_OPTIONS: shifted });
    expect(faults).toEqual(['clock']);
    expect(of('clock').detail).toMatch(/differ by 3(599|600|601) s/);
    expect(of('clock').fix).toContain('NTP');
  }, 240_000);
});

test('keys of another installation, a broken key file, and none', async () => {
  const [strange, broken, none] = await Promise.all([
    runDoctor({ ...env, SALLYPORT_KEYS: generateKeyFile() }),
    runDoctor({ ...env, SALLYPORT_KEYS: '{"sealing": 1}' }),
    runDoctor({ DATABASE_URL: panel.databaseUrl }),
  ]);
  expect(strange.faults).toEqual(['keys']);
  expect(strange.of('keys').detail).toContain('pepper');
  expect(strange.of('keys').fix).toContain('keys accept');
  expect(broken.faults).toEqual(['keys']);
  expect(none.of('keys')).toMatchObject({ status: 'skipped' });
}, 240_000);

describe('the queue', () => {
  test('is not the one to which the relay publishes', async () => {
    await whileSo(`insert into known_queue (id, store) values (1, 'another')`, `delete from known_queue`, async () => {
      const { of, faults } = await runDoctor(env);
      expect(faults).toEqual(['queue']);
      expect(of('queue').fix).toContain('the same QUEUE_URL');
    });
  }, 240_000);

  test('is away, or would lose jobs', async () => {
    const away = await runDoctor({ ...env, QUEUE_URL: `redis://:secret-word@127.0.0.1:${await closedPort()}` });
    expect(away.faults).toEqual(['queue']);
    expect(away.of('queue').fix).toContain('QUEUE_URL');
    expect(away.stdout).not.toContain('secret-word');
    if (!redisIsHere()) return;
    const redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    try {
      const evicting = await runDoctor({ ...env, QUEUE_URL: redis.url });
      expect(evicting.of('queue')).toMatchObject({ status: 'fault', detail: expect.stringContaining('allkeys-lru') });
      await redis.command('config', 'set', 'maxmemory-policy', 'noeviction');
      expect((await runDoctor({ ...env, QUEUE_URL: redis.url })).of('queue')).toMatchObject({ status: 'warning' });
    } finally {
      await redis.stop();
    }
  }, 240_000);
});

test('work that is left undone: by the relay, by workers, and what waits for an operator', async () => {
  const insert = (id: string, more: string) =>
    `insert into outbox (id, job, line, payload, created_at, published_at, set_aside_at, publications)
     values ('${id}', 'notify-owner', '', '{"eventId":"evt_none"}', now() - interval '5 minutes', ${more}, 1)`;
  const remove = `delete from outbox where payload ->> 'eventId' = 'evt_none'`;
  await whileSo(insert('evt_relay', 'null, null'), remove, async () => {
    const { of, faults } = await runDoctor(env);
    expect(faults).toEqual(['relay']);
    expect(of('relay').detail).toMatch(/waiting for 3\d\d s/);
  });
  await whileSo(insert('evt_worker', `now() - interval '4 minutes', null`), remove, async () => {
    const { of, faults } = await runDoctor(env);
    expect(faults).toEqual(['workers']);
    expect(of('workers').detail).toContain('1 × notify-owner');
    expect(of('workers').fix).toContain('lockout-worker');
  });
  await whileSo(insert('evt_aside', `now(), now()`), remove, async () => {
    const { of, faults } = await runDoctor(env);
    expect(faults).toEqual([]);
    expect(of('set-aside')).toMatchObject({ status: 'warning', fix: expect.stringContaining('jobs list') });
  });
}, 240_000);

test('events that nobody seals', async () => {
  // The first of the database by its transaction, as the sealer reads them.
  const other = await startPanel();
  try {
    await other.sql(`alter table event disable trigger all`);
    await other.user();
    await other.sql(`update event set time = time - interval '5 minutes'`);
    const { of, faults } = await runDoctor({ DATABASE_URL: other.databaseUrl });
    expect(faults).toContain('sealing');
    expect(of('sealing').fix).toContain('audit worker');
  } finally {
    await other.stop();
  }
}, 240_000);
