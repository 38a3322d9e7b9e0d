import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminAnswer, adminRefusal, runAdmin } from '../../support/admin.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';

let panel: TestPanel;
let env: Record<string, string>;
let tenant: string[];
beforeAll(async () => {
  panel = await startPanel();
  // Without keys: nothing of it is sealed.
  env = { DATABASE_URL: panel.databaseUrl };
  tenant = ['--tenant', panel.tenantId];
});
afterAll(() => panel.stop());

let numbers = 10_000_000;

/** A user to whom a code is on its way. */
async function sent() {
  const phone = `+316${(numbers += 1)}`;
  const user = await panel.user();
  const { status, body } = await panel.call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone });
  expect(status).toBe(201);
  const [delivery] = await panel.sql<{ id: string }>('select id from delivery where device_id = $1', [body.id]);
  return { ...user, id: delivery?.id ?? '', phone, code: await panel.sentCode(body.id) };
}

async function waitsIn(id: string) {
  const [row] = await panel.sql(
    `select d.status, d.next_attempt_at <= now() as due, o.published_at is null as unpublished, o.set_aside_at is null as serves
     from delivery d left join outbox o on o.payload ->> 'deliveryId' = d.id where d.id = $1`,
    [id],
  );
  return row;
}

test('lists and shows deliveries, never their content', async () => {
  const [first, second] = [await sent(), await sent()];
  const list = ['delivery', 'list', ...tenant];
  const all = await adminAnswer<{ id: string }[]>(list, env);
  expect(all.map(({ id }) => id).slice(0, 2)).toEqual([second.id, first.id]);
  const own = await adminAnswer(
    ['delivery', 'list', ...tenant, '--account', first.accountId, '--user', first.userId],
    env,
  );
  expect(own).toMatchObject([{ id: first.id, channel: 'sms', kind: 'code', status: 'queued', attempts: [] }]);
  expect(await adminAnswer([...list, '--status', 'failed'], env)).toEqual([]);
  expect(await adminAnswer([...list, '--limit', '1'], env)).toHaveLength(1);
  const shown = await adminAnswer(['delivery', 'show', first.id, ...tenant], env);
  expect(shown).toMatchObject({ id: first.id, accountId: first.accountId, status: 'queued' });
  const { stdout: text } = await runAdmin([...list, '--text'], env);
  expect(text).toMatch(/^id +account id +user id +channel +kind +status/);
  for (const words of [JSON.stringify([all, shown]), text]) {
    expect(words).toContain(first.id);
    for (const { phone, code } of [first, second]) {
      expect(words).not.toContain(phone.slice(1));
      expect(words).not.toContain(code);
    }
  }
}, 240_000);

test('has what waits for its next attempt tried at once, also where its job was set aside', async () => {
  const { id } = await sent();
  await panel.sql(`update delivery set next_attempt_at = now() + interval '1 hour' where id = $1`, [id]);
  await panel.sql(
    `update outbox set published_at = now(), publications = 10, set_aside_at = now(), failure = 'TypeError'
     where payload ->> 'deliveryId' = $1`,
    [id],
  );
  expect(await waitsIn(id)).toMatchObject({ due: false, unpublished: false, serves: false });
  expect(await adminAnswer(['delivery', 'retry', id, ...tenant], env)).toEqual({ id, retried: true });
  expect(await waitsIn(id)).toEqual({ status: 'queued', due: true, unpublished: true, serves: true });
}, 240_000);

test('leaves alone what may have been sent, and says why', async () => {
  const retry = (id: string, at = tenant) => adminRefusal(['delivery', 'retry', id, ...at], env);
  const { id } = await sent();
  await panel.sql(`update outbox set published_at = now() where payload ->> 'deliveryId' = $1`, [id]);
  const states = [
    ['sending', 'may have arrived'],
    ['sent', 'the provider has accepted it'],
    ['failed', 'its content is gone'],
    ['expired', 'Have a new code sent'],
  ] as const;
  for (const [status, words] of states) {
    await panel.sql(`update delivery set status = $2, next_attempt_at = now() + interval '1 hour' where id = $1`, [
      id,
      status,
    ]);
    expect(await retry(id)).toContain(words);
    expect(await waitsIn(id)).toMatchObject({ status, due: false, unpublished: false });
  }
  await panel.sql(`update delivery set status = 'queued' where id = $1`, [id]);
  const { tenantId } = await panel.tenant();
  expect(await retry(id, ['--tenant', tenantId])).toContain('there is no delivery');
  expect(await waitsIn(id)).toMatchObject({ due: false, unpublished: false });
  expect(await retry('dlv_none')).toContain('"delivery list --tenant …" shows the latest');
  // Given up by an operator: to say that it is tried again would be untrue.
  await panel.sql(`delete from outbox where payload ->> 'deliveryId' = $1`, [id]);
  expect(await retry(id)).toContain('was discarded');
}, 240_000);
