import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { makeWebhook, sealAll, typesFor } from '../../support/webhooks-of-panel.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

const jobsOf = (webhookId: string) =>
  panel.sql<{ id: string; job: string }>(
    `select d.id, o.job from webhook_delivery d
       join outbox o on o.payload ->> 'deliveryId' = d.id or o.payload -> 'deliveryIds' @> to_jsonb(d.id)
     where d.webhook_id = $1 order by d.id`,
    [webhookId],
  );

describe('what is sealed is sent', () => {
  test('to each endpoint that it concerns, with a job, and to no other', async () => {
    const tenant = await panel.tenant();
    const other = await panel.tenant();
    const all = await makeWebhook(tenant);
    const some = await makeWebhook(tenant, { types: ['user.*', 'account.created'] });
    const users = await makeWebhook(tenant, { types: ['user.created'] });
    const disabled = await makeWebhook(tenant);
    await tenant.call('PATCH', `/v1/webhooks/${disabled.id}`, { status: 'disabled' });
    const strange = await makeWebhook(other);
    await sealAll(panel);
    await panel.sql('truncate webhook_delivery, webhook_attempt; delete from outbox');

    const first = await panel.user(tenant);
    const bound = await makeWebhook(tenant, { accountId: first.accountId, types: ['user.*'] });
    await panel.user(tenant);
    await tenant.call('PATCH', first.path, { locale: 'nl' });
    await panel.user(other);
    await sealAll(panel);

    const told = await typesFor(panel, all.id);
    expect(told.filter((type) => type === 'user.created')).toHaveLength(2);
    expect(told).toContain('webhook.created');
    expect(await typesFor(panel, users.id)).toEqual(['user.created', 'user.created']);
    expect(await typesFor(panel, some.id)).toEqual(told.filter((type) => /^user\.|^account\.created$/.test(type)));
    // It came after the account's first user was there; what is sealed later is told all the same.
    expect(await typesFor(panel, bound.id)).toEqual(
      told.filter((type) => type.startsWith('user.')).filter((_, index) => index !== 1),
    );
    expect(await typesFor(panel, disabled.id)).toEqual([]);
    const toldOther = await typesFor(panel, strange.id);
    expect(toldOther.filter((type) => type === 'user.created')).toHaveLength(1);
    const jobs = await jobsOf(all.id);
    expect(jobs).toHaveLength(told.length);
    for (const { job } of jobs) expect(job).toMatch(/^deliver-webhooks?$/);
  });

  test('by one job for what a tenant is told together, as far as there is room in it', async () => {
    const tenants = [await panel.tenant(), await panel.tenant(), await panel.tenant()] as const;
    const endpoints = [20, 2, 1];
    for (const [at, tenant] of tenants.entries())
      for (let n = 0; n < (endpoints[at] ?? 0); n += 1) await makeWebhook(tenant, { types: ['user.created'] });
    await sealAll(panel);
    await panel.sql('delete from outbox');
    for (let n = 0; n < 3; n += 1) await panel.user(tenants[0]);
    await panel.user(tenants[1]);
    await panel.user(tenants[2]);
    await panel.database.transaction(() => sealEvents(panel.database));
    await sealAll(panel);
    const jobs = await panel.sql<{ id: string; job: string; line: string; payload: Record<string, unknown> }>(
      `select id, job, line, payload from outbox where job like 'deliver-webhook%' order by id`,
    );
    const told = (tenantId: string) =>
      panel
        .sql<{ id: string }>(
          `select d.id from webhook_delivery d join event e on e.id = d.event_id
           where d.tenant_id = $1 and e.type = 'user.created' order by d.id`,
          [tenantId],
        )
        .then((rows) => rows.map(({ id }) => id));
    const [many, few, one] = [
      await told(tenants[0].tenantId),
      await told(tenants[1].tenantId),
      await told(tenants[2].tenantId),
    ];
    expect([many.length, few.length, one.length]).toEqual([60, 2, 1]);
    const ofTenant = (at: 0 | 1) =>
      jobs.filter(({ job, line }) => job === 'deliver-webhooks' && line === tenants[at].tenantId);
    // Each in one job, whichever sealing it was of.
    expect(
      ofTenant(0)
        .flatMap(({ payload }) => payload['deliveryIds'] as string[])
        .toSorted(),
    ).toEqual(many);
    for (const { id, job, payload } of [...ofTenant(0), ...ofTenant(1)]) {
      const ids = payload['deliveryIds'] as string[];
      expect(job).toBe('deliver-webhooks');
      expect(payload['groupId']).toBe(id);
      expect(ids.length).toBeLessThanOrEqual(32);
      expect(ids.length).toBeGreaterThan(1);
      const rows = await panel.sql('select from webhook_delivery where group_id = $1 and id = any ($2)', [id, ids]);
      expect(rows.length).toBe(ids.length);
    }
    expect(ofTenant(1).map(({ payload }) => payload['deliveryIds'])).toEqual([few]);
    expect(jobs.filter(({ payload }) => payload['deliveryId'] === one[0])).toMatchObject([{ job: 'deliver-webhook' }]);
  });

  test('once for each event and endpoint, with several sealers of which some are killed', async () => {
    const tenant = await panel.tenant();
    const endpoints = [await makeWebhook(tenant), await makeWebhook(tenant)];
    for (let n = 0; n < 5; n += 1) await panel.user(tenant);
    const cut = panel.sql(`select pg_sleep(0.05)`).then(() =>
      panel.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`,
      ),
    );
    const sealers = Array.from({ length: 6 }, async () => {
      for (let n = 0; n < 20; n += 1) await sealEvents(panel.database).catch(() => undefined);
    });
    const writers = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 10; n += 1) await panel.user(tenant).catch(() => undefined);
    });
    await Promise.all([...sealers, ...writers, cut]);
    await sealAll(panel);
    for (const { id } of endpoints) {
      const [row] = await panel.sql<{ events: number; told: number; twice: number; jobs: number }>(
        `select (select count(*)::int from audit_entry where tenant_id = $2) as events,
           count(distinct d.event_id)::int as told, (count(*) - count(distinct d.event_id))::int as twice,
           (select count(*)::int from webhook_delivery w
            join outbox o on o.payload ->> 'deliveryId' = w.id or o.payload -> 'deliveryIds' @> to_jsonb(w.id)
            where w.webhook_id = $1) as jobs
         from webhook_delivery d where d.webhook_id = $1`,
        [id, tenant.tenantId],
      );
      expect(row).toEqual({ events: row?.events, told: row?.events, twice: 0, jobs: row?.events });
      expect(row?.events).toBeGreaterThan(50);
    }
  });

  test('not, where the sealing is undone', async () => {
    const tenant = await panel.tenant();
    const { id } = await makeWebhook(tenant);
    await panel.user(tenant);
    const undone = panel.database.transaction(async () => {
      await sealEvents(panel.database);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await typesFor(panel, id)).toEqual([]);
    await sealAll(panel);
    expect(await typesFor(panel, id)).not.toEqual([]);
  });
});

describe('a delivery that waits', () => {
  test('is brought back when its time has come, once, and not while somebody has it', async () => {
    const tenant = await panel.tenant();
    const { id } = await makeWebhook(tenant, { types: ['webhook.*'] });
    await sealAll(panel);
    await panel.sql('delete from outbox');
    await panel.sql(`update webhook_delivery set status = 'delivered' where webhook_id <> $1`, [id]);
    const wait = (columns: string) => panel.sql(`update webhook_delivery set ${columns} where webhook_id = $1`, [id]);

    await wait(`next_attempt_at = now() + interval '1 minute'`);
    expect((await reconcile(panel.database)).webhooks).toBe(0);
    await wait(`next_attempt_at = now() - interval '1 second', lease_until = now() + interval '1 minute'`);
    expect((await reconcile(panel.database)).webhooks).toBe(0);
    await wait('lease_until = null');
    expect((await reconcile(panel.database)).webhooks).toBe(1);
    expect((await reconcile(panel.database)).webhooks).toBe(0);
    expect(await jobsOf(id)).toMatchObject([{ job: 'deliver-webhook' }]);

    // While the job is there that it shares with others, it has none of its own.
    await panel.sql('delete from outbox');
    const group = `insert into outbox (id, job, line, payload) select group_id, 'deliver-webhooks', tenant_id,
      jsonb_build_object('groupId', group_id, 'deliveryIds', jsonb_build_array(id))
      from webhook_delivery where webhook_id = $1`;
    await panel.sql(group, [id]);
    expect((await reconcile(panel.database)).webhooks).toBe(0);
    await panel.sql('delete from outbox');
    expect((await reconcile(panel.database)).webhooks).toBe(1);

    // A job that is lost is published again; one that waits is not.
    const published = `update outbox set publications = 1, published_at = now() - interval '1 minute'`;
    await panel.sql(published);
    await wait(`next_attempt_at = now() + interval '1 hour'`);
    expect((await reconcile(panel.database)).lost).toBe(0);
    await wait(`next_attempt_at = now() - interval '1 minute'`);
    expect((await reconcile(panel.database)).lost).toBe(1);
    await panel.sql(published);
    await wait(`status = 'delivered'`);
    await panel.sql('delete from outbox');
    expect((await reconcile(panel.database)).webhooks).toBe(0);
  });

  test('is removed after a month, with its attempts', async () => {
    const { id } = await makeWebhook(panel);
    await panel.call('POST', `/v1/webhooks/${id}/test`);
    await sealAll(panel);
    await panel.sql(`insert into webhook_attempt (delivery_id, number) select id, 1 from webhook_delivery`);
    const [old] = await panel.sql<{ id: string }>(
      `update webhook_delivery set created_at = now() - interval '30 days 1 minute'
       where id = (select min(id) from webhook_delivery where webhook_id = $1) returning id`,
      [id],
    );
    await panel.sql(
      `update webhook_delivery set created_at = now() - interval '29 days' where webhook_id = $1 and id <> $2`,
      [id, old?.id],
    );
    await purgeExpired(panel.database);
    const left = await panel.sql<{ id: string }>('select id from webhook_delivery where webhook_id = $1', [id]);
    expect(left).toHaveLength(1);
    expect(left).not.toContainEqual(old);
    expect(await panel.sql('select from webhook_attempt where delivery_id = $1', [old?.id])).toEqual([]);
  });
});
