import { describe, expect, test } from '@jest/globals';
import { eventNames, jobNames } from '#contracts';
import { eventsOfAddresses, grantRights, roles } from '#persistence';
import { findAll, readSources } from '../../support/sources.js';
import { admin, names, refused, sql, stateAs, store, unsound } from '../../support/worker-roles.js';

describe('T37: what a role may write', () => {
  const ofUser = `insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
    values ('evt_1', 'tnt_1', $1, 'customer 1', 'person 1', 'usr_1', '{}')`;
  const ofTenant = `insert into event (id, tenant_id, type, data) values ('evt_1', 'tnt_1', $1, '{}')`;

  test.each(names)('%s writes its own events, and no others', async (role) => {
    const { events = [], eventsOfUsers = [] } = roles[role] ?? {};
    const written: string[] = [];
    for (const name of [...eventNames, 'not.yet_invented']) {
      const states = [await stateAs(role, ofUser, [name]), await stateAs(role, ofTenant, [name])];
      expect(states.filter((state) => state !== null && state !== refused)).toEqual([]);
      if (states.includes(null)) written.push(name);
      // About nobody only where it may be about anybody.
      if (states[1] === null) expect([...events, ...eventsOfAddresses]).toContain(name);
    }
    expect(written.toSorted()).toEqual([...events, ...eventsOfUsers].toSorted());
  });

  test.each(names)('%s starts its own jobs, and no others', async (role) => {
    const started: string[] = [];
    for (const job of [...jobNames, 'not-yet-invented']) {
      const text = `insert into outbox (id, job, line, payload) values ('evt_1', $1, '', '{}')`;
      if ((await stateAs(role, text, [job])) === null) started.push(job);
    }
    expect(started.toSorted()).toEqual([...(roles[role]?.jobs ?? [])].toSorted());
  });

  test.each(names.filter((name) => roles[name]?.eventsOfUsers.length))(
    '%s tells of a user by the names of that user, in its tenant, and nothing personal',
    async (role) => {
      const [type] = roles[role]?.eventsOfUsers ?? [];
      const insert = (columns: Record<string, string | null>) => {
        const row = {
          tenant_id: 'tnt_1',
          account_id: 'customer 1',
          user_id: 'person 1',
          user_ref: 'usr_1',
          ...columns,
        };
        const listed = Object.entries({ id: 'evt_1', type, data: '{}', ...row });
        return stateAs(
          role,
          `insert into event (${listed.map(([name]) => name).join()}) values (${listed.map((_, n) => `$${n + 1}`).join()})`,
          listed.map(([, value]) => value),
        );
      };
      expect(await insert({})).toBeNull();
      for (const columns of [
        { tenant_id: 'tnt_2' },
        { tenant_id: 'tnt_none' },
        { account_id: 'customer 2' },
        { account_id: null },
        { user_id: 'person 2' },
        { user_ref: 'usr_2' },
        { user_ref: null },
        { user_ref: 'usr_none' },
        { personal_sealed: '\\x01' },
      ]) {
        expect({ columns, state: await insert(columns) }).toEqual({ columns, state: refused });
      }
    },
  );

  test('is what its process writes', () => {
    // Formats name all events, and write none.
    const sources = readSources().filter(({ path }) => !/\.spec\.|\/audit\/formats\//.test(path));
    const literals = (...folders: string[]) => {
      const own = sources.filter(({ path }) => folders.some((folder) => path.startsWith(folder)));
      const found = findAll(own, /'([a-z_]+\.[a-z_]+)'/g).map((each) => each.found);
      return new Set(found.filter((name) => (eventNames as string[]).includes(name)));
    };
    const delivery = literals('libs/delivery/');
    const places: Record<string, Set<string>> = {
      sallyport_gateway: literals('apps/gateway/', 'libs/persistence/src/api-keys.ts'),
      sallyport_relay: literals('apps/relay/'),
      sallyport_sms_worker: delivery,
      sallyport_email_worker: delivery,
      sallyport_audit_worker: literals('apps/audit-worker/'),
      sallyport_lockout_worker: literals('apps/lockout-worker/'),
      sallyport_webhook_worker: literals('apps/webhook-worker/'),
    };
    for (const role of names) {
      const { events = [], eventsOfUsers = [] } = roles[role] ?? {};
      const unwritten = [...events, ...eventsOfUsers].filter((name) => !places[role]?.has(name));
      expect({ role, unwritten }).toEqual({ role, unwritten: [] });
    }
    const { events = [] } = roles['sallyport_gateway'] ?? {};
    expect([...(places['sallyport_gateway'] ?? [])].filter((name) => !(events as string[]).includes(name))).toEqual([]);
  });

  test('stands in policies that a second migration leaves alone, and mends', async () => {
    const policies = () => sql('select oid::text, polname from pg_policy order by polrelid, polname');
    const before = await policies();
    await grantRights(store.url, store.url);
    expect(await policies()).toEqual(before);
    await admin.query('create policy by_hand on event for insert to sallyport_sms_worker with check (true)');
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBeNull();
    await grantRights(store.url, store.url);
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBe(refused);
    await admin.query('alter table event disable row level security');
    await grantRights(store.url, store.url);
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBe(refused);
    expect((await policies()).map(({ polname }) => polname)).toEqual(before.map(({ polname }) => polname));
  });

  test('does not keep a read or a removal from its index', async () => {
    await admin.query('begin');
    try {
      await admin.query('set local role sallyport_sms_worker');
      await admin.query('set local enable_seqscan = off');
      const plan = await admin.query(`explain delete from outbox where payload ->> 'deliveryId' = 'dlv_1'`);
      expect(JSON.stringify(plan.rows)).toContain('outbox_delivery');
    } finally {
      await admin.query('rollback');
    }
  });

  test('has a shape that nothing further on chokes on', async () => {
    const event = 'insert into event (id, tenant_id, type, data) values ($1, $2, $3, $4)';
    const stateOf = (id: string, data: string) =>
      stateAs('sallyport_gateway', event, [id, 'tnt_1', 'user.erased', data]);
    expect(await stateOf('evt_1', '{}')).toBeNull();
    for (const data of ['[]', 'null', '5', '"text"', 'true', `{"a": "${'x'.repeat(300_000)}"}`]) {
      expect({ data, state: await stateOf('evt_1', data) }).toEqual({ data, state: refused });
    }
    expect(await stateOf(`evt_${'x'.repeat(10_000)}`, '{}')).toBe(refused);
    // Text that is none: refused by the type itself.
    for (const data of ['{"a": "\\u0000"}', '{"a": "\\ud800"}', '{']) {
      expect(await stateOf('evt_1', data)).toMatch(/^22P/);
    }
    const job = `insert into outbox (id, job, line, payload) values ($1, 'deliver-sms', '', $2)`;
    for (const [id, payload] of [
      ['evt_1', '[]'],
      ['evt_1', 'null'],
      ['evt_1', '"dlv_1"'],
      ['evt_1', `{"deliveryId": "${'x'.repeat(5000)}"}`],
      ['123', '{}'],
      ['evt:1', '{}'],
      ['', '{}'],
    ]) {
      expect({ id, state: await stateAs(null, job, [id, payload]) }).toEqual({ id, state: unsound });
    }
    expect(await stateAs(null, job, ['evt_1', '{}'])).toBeNull();
  });
});
