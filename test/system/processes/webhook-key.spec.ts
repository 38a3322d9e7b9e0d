import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { startEmbeddedPostgres } from '../../../apps/standalone/src/embedded-postgres/start.js';
import { preparedDataDir } from '../../support/prepared-data-dir.js';
import { startSystem, type System } from '../../support/system.js';
import { startReceiver } from '../../support/webhook-receiver.js';

// Each start is many processes, and a busy machine takes some seconds for each.
jest.setTimeout(240_000);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

/** As it was left by a release that had no webhooks: neither the file nor the database knows a key of them. */
async function withoutWebhookKey(path: string): Promise<Record<string, unknown>> {
  const server = await startEmbeddedPostgres({ dataDir: join(path, 'database'), durable: false });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`delete from known_key where kind = 'webhook'`);
  await client.end();
  await server.stop();
  const file = join(path, 'keys.json');
  const { webhook, ...before } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  expect(webhook).toBeDefined();
  await writeFile(file, JSON.stringify(before));
  return before;
}

it('npm start gives a data directory of before there were webhooks their key, once, and keeps all others', async () => {
  const dataDir = await preparedDataDir();
  ends.push(() => dataDir.remove());
  const before = await withoutWebhookKey(dataDir.path);
  const receiver = await startReceiver();
  ends.push(() => receiver.close());
  let system: System | undefined;
  ends.push(async () => system?.stop());
  const start = async () => {
    await system?.stop();
    return (system = await startSystem(dataDir.path, { WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32' }));
  };
  const file = join(dataDir.path, 'keys.json');
  const keys = async () => JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;

  const first = await start();
  const { webhook, ...others } = await keys();
  expect(others).toEqual(before);
  expect(webhook).toMatchObject({ active: expect.any(String) });
  expect((await stat(file)).mode & 0o077).toBe(0);

  const authorization = { authorization: `Bearer ${first.adminApiKey}` };
  const made = await first.call('POST', '/v1/webhooks', { url: receiver.url, types: ['lockout.*'] }, authorization);
  expect(made.status).toBe(201);
  const { id, secret } = made.body as { id: string; secret: string };
  /** What is signed under its secret arrives. */
  const test = async (by: System) => {
    const { length } = receiver.received;
    expect((await by.call('POST', `/v1/webhooks/${id}/test`, undefined, authorization)).status).toBe(202);
    for (let waited = 0; receiver.received.length === length; waited += 50) {
      if (waited > 60_000) throw new Error('The test event did not come.');
      await sleep(50);
    }
    for (const { body, headers } of receiver.received)
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
  };
  await test(first);
  // The next start has the same key, and opens what was sealed under it.
  await test(await start());
  expect(await keys()).toEqual({ ...before, webhook });
});
