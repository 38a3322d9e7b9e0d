import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { declaredStatements, type Statement } from '#persistence';
import '../../../apps/audit-worker/src/audit-worker.module.js';
import '../../../apps/email-worker/src/email-worker.module.js';
import '../../../apps/gateway/src/app.js';
import '../../../apps/lockout-worker/src/lockout-worker.module.js';
import '../../../apps/relay/src/relay.module.js';
import '../../../apps/sms-worker/src/sms-worker.module.js';
import '../../../apps/webhook-worker/src/webhook-worker.module.js';
import '../../../apps/standalone/src/admin/dead-jobs.sql.js';
import '../../../apps/standalone/src/admin/deliveries.sql.js';
import '../../../apps/standalone/src/admin/doctor/doctor.sql.js';
import '../../../apps/standalone/src/admin/set-aside-events.sql.js';
import '../../../apps/standalone/src/admin/status/status.sql.js';
import '../../../apps/standalone/src/admin/tenants-and-keys.sql.js';
import '../../../apps/standalone/src/home/quickstart.sql.js';
import { pageOfEvents, pageOfOwnEvents } from '../../../apps/gateway/src/audit/find-events.sql.js';
import { fillDatabase, filledTenant, type Size } from '../../support/filled-database.js';
import { idleIndexes } from '../../support/idle-indexes.js';
import { summarizeDeliveries } from '../../../apps/gateway/src/deliveries/delivery-summary.sql.js';
import { listAccounts } from '../../../apps/gateway/src/accounts/accounts.sql.js';
import '../../../apps/gateway/src/health/standstill.sql.js';
import {
  countAccountUsers,
  listTenantUsersBySecondFactor,
  listUsers,
  listUsersBySecondFactor,
  secondFactors,
} from '../../../apps/gateway/src/users/users.sql.js';
import { openLargeDatabase, type LargeDatabase } from '../../support/large-database.js';

const whole: Size = { accounts: 100_000, users: 1_000_000, events: 10_000_000 };
const tenth: Size = { accounts: 10_000, users: 100_000, events: 500_000 };
const size = process.env['FILLED'] === 'full' ? whole : tenth;

/** Tables that grow with users and events; those of what is under way have a hundredth of the rows. */
const largeFrom = size.users / 20;
/** Rows that may be sorted at once. A page is at most 500, and what an account or some minutes hold comes on top. */
const sortedAtMost = size.users / 20;
/** Pages of 8 kB that a page of a list may take: some 500 rows, each by several indexes, which 10,000,000 rows make one level deeper. */
const blocksAtMost = size === whole ? 16_000 : 12_000;

/** Statements that read a large table whole, and why they may. */
const exempt: Readonly<Record<string, string>> = {
  'read-any-unsealed-events': 'once after a restore into another cluster',
  'read-sealing-key-in-use': 'the first entry of an index, and no further',
  'age-of-any-unsealed-event': 'once after a restore into another cluster',
  'status.tenants': 'it counts all users, when an operator asks for it',
  'status.deliveries': 'those of an hour, by their ids: it is planned with its value, when an operator asks for it',
  'compliance.facts': 'a report, when somebody asks for it: it looks at all approvals of its time',
};

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

let database: LargeDatabase;
let client: pg.Client;
const rowsOf = new Map<string, number>();

beforeAll(async () => {
  database = await openLargeDatabase((url) => fillDatabase(url, size));
  ({ client } = database);
  const { rows } = await client.query<{ name: string; rows: number }>(
    `select relname as name, reltuples::float8 as rows from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  for (const { name, rows: count } of rows) rowsOf.set(name, count);
}, 1_800_000);

afterAll(() => database?.close());

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What a plan does that takes longer the larger the installation is. */
function faultsOf(plan: PlanNode): string[] {
  return nodesOf(plan).flatMap((node) => {
    const { 'Node Type': type, 'Relation Name': table = '', 'Plan Rows': rows } = node;
    const large = (rowsOf.get(table) ?? 0) >= largeFrom;
    if (large && type === 'Seq Scan') return [`reads ${table} whole`];
    if (large && /^Index/.test(type) && node['Index Cond'] === undefined) {
      return [`reads all of ${node['Index Name']}`];
    }
    if (/Sort/.test(type) && rows > sortedAtMost) return [`sorts ${rows} rows`];
    if (/^Hash$|Materialize/.test(type) && rows > sortedAtMost) return [`keeps ${rows} rows`];
    return [];
  });
}

test('every statement is kept with a plan that reads no large table whole and sorts no large part of one', async () => {
  expect(declaredStatements.size).toBeGreaterThan(150);
  const found: string[] = [];
  for (const [name, { text }] of declaredStatements) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (generic_plan, format json) ${text}`,
    );
    const faults = faultsOf((rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan);
    if (faults.length > 0) found.push(`${name}: ${faults.join(', ')}`);
  }
  expect(found.filter((line) => exempt[line.slice(0, line.indexOf(':'))] === undefined)).toEqual([]);
});

// PostgreSQL 18 can skip along an index whose first column it is not told; others read the table.
test('an account is looked for within its tenant', () => {
  const found = [...declaredStatements].filter(([, { text }]) => /\ba\.external_id = (\$|c\.)/.test(text));
  expect(found.length).toBeGreaterThan(5);
  const within = ({ text, names }: Statement) =>
    / a\.tenant_id = t\.id\b/.test(text) ||
    names[Number(/\ba\.tenant_id = \$(\d+)/.exec(text)?.[1]) - 1] === 'tenantId';
  expect(found.filter(([, statement]) => !within(statement)).map(([name]) => name)).toEqual([]);
});

test('a plan that reads a large table whole is seen, and one that sorts it', async () => {
  for (const [text, fault] of [
    [`select from app_user where locale = $1`, 'reads app_user whole'],
    [`select * from app_user order by kind`, 'reads app_user whole'],
    [`select * from app_user order by id limit 5 + $1`, 'reads all of app_user_pkey'],
  ] as const) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (generic_plan, format json) ${text}`,
    );
    expect(faultsOf((rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan)).toContain(fault);
  }
});

test('every foreign key has an index, so that what is erased is found', async () => {
  const { rows } = await client.query<{ name: string }>(
    `select k.conname as name from pg_constraint k
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
       select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
         and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
  );
  expect(rows).toEqual([]);
});

test('every index serves a statement, and one that serves none is seen', async () => {
  const idle = () => idleIndexes(client, declaredStatements.values());
  expect(await idle()).toEqual([]);
  await client.query('create index planted on account (name)');
  try {
    expect(await idle()).toEqual(['planted']);
  } finally {
    await client.query('drop index planted');
  }
});

/** How many pages of the database one run of a statement touches, by the plan that is kept. */
async function blocksOf({ text, names }: Statement, values: object): Promise<number> {
  const list = names.map((name) => (values as Record<string, unknown>)[name]);
  const literal = (value: unknown): string => {
    if (value === null) return 'null';
    if (Array.isArray(value)) return client.escapeLiteral(`{${value.join()}}`);
    return client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
  };
  await client.query('set plan_cache_mode = force_generic_plan');
  await client.query(`prepare looked_at as ${text}`);
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) execute looked_at (${list.map(literal).join(', ')})`,
    );
    const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
  } finally {
    await client.query('deallocate looked_at');
  }
}

describe('a page of a list touches little', () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);
  const [account, user] = ['account-77', 'user-77'];
  const eventFilters = [
    {},
    { account },
    { account, user },
    { user },
    { account: 'nobody' },
    { types: ['policy.changed'] },
    { types: ['challenge.created'] },
    { types: ['challenge.rejected', 'policy.changed', 'challenge.created'] },
    { types: ['never.written'] },
    { account, types: ['device.verified'] },
    { account, user, types: ['policy.changed'] },
    { from: day(2), to: day(1.9) },
    { from: day(1) },
    { to: day(80) },
    { from: day(300), to: day(200) },
    { types: ['challenge.created'], from: day(40), to: day(39) },
    { account, from: day(40), to: day(39) },
  ];
  const pages = (['oldest', 'newest'] as const).flatMap((order) =>
    eventFilters.map((filter) => [order, JSON.stringify(filter), filter] as const),
  );
  test.each(pages)('of events, %s first, by %s', async (order, _, filter) => {
    const [statement, values] = pageOfEvents({ tenantId: filledTenant, order, limit: 500, ...filter });
    expect(await blocksOf(statement, values)).toBeLessThan(blocksAtMost);
  });

  test.each(['oldest', 'newest'] as const)("of a user's own events, %s first", async (order) => {
    const owner = `usr_${'77'.padStart(26, '0')}`;
    const [statement, values] = pageOfOwnEvents({
      tenantId: filledTenant,
      order,
      limit: 101,
      account,
      user,
      owner,
      after: undefined,
    });
    expect(await blocksOf(statement, values)).toBeLessThan(blocksAtMost);
  });

  const given: Record<string, string> = {
    accountId: account,
    userId: user,
    deviceId: `dev_${'77'.padStart(26, '0')}`,
    challengeId: `chl_${'77'.padStart(26, '0')}`,
    status: 'failed',
  };
  const last = `dlv_${'z'.repeat(27)}`;
  test('of deliveries, by any filters, also for a key that serves one application', async () => {
    const lists = [...declaredStatements].filter(([name]) => name.startsWith('delivery.list'));
    expect(lists).toHaveLength(32);
    const asked = { tenantId: filledTenant, before: last, limit: 201, application: null, ...given };
    for (const [name, statement] of lists) {
      const blocks = await blocksOf(statement, asked);
      expect({ name, few: blocks < blocksAtMost }).toEqual({ name, few: true });
    }
    for (const status of ['queued', 'delivered']) {
      const statement = declaredStatements.get('delivery.list-status') as Statement;
      expect(await blocksOf(statement, { ...asked, status })).toBeLessThan(blocksAtMost);
    }
  });

  test('of a summary of deliveries, and of what routes are learned from, by how many there were in that time', async () => {
    const asked = {
      tenantId: filledTenant,
      application: null,
      from: day(91).toISOString(),
      to: day(0).toISOString(),
      lastId: last,
      byChannel: true,
      byRoute: true,
      byCountry: true,
      byPrefix: false,
    };
    const since = (few: number) => `dlv_${String(size.users - few).padStart(26, '0')}`;
    const learned = { channel: 'sms', from: asked.from, until: asked.to, lastId: last };
    for (const few of [100, 500]) {
      // A delivery, its attempt, and what tells whether its code was entered.
      const each = 40;
      const firstId = since(few);
      expect(await blocksOf(summarizeDeliveries, { ...asked, firstId })).toBeLessThan(few * each);
      const tell = declaredStatements.get('delivery-tell-of-routes') as Statement;
      expect(await blocksOf(tell, { ...learned, firstId })).toBeLessThan(few * each);
    }
  });

  test('of accounts and users, the first and the last', async () => {
    for (const after of ['', `acc_${'9'.repeat(26)}`]) {
      for (const tenantId of [filledTenant, 'tnt_small']) {
        expect(await blocksOf(listAccounts, { tenantId, after, limit: 201 })).toBeLessThan(blocksAtMost);
      }
    }
    const first = { tenantId: filledTenant, accountId: account, after: '', limit: 201 };
    expect(await blocksOf(listUsers, first)).toBeLessThan(blocksAtMost);
    expect(await blocksOf(countAccountUsers, first)).toBeLessThan(blocksAtMost);
    for (const secondFactor of secondFactors) {
      for (const after of ['', `usr_${'9'.repeat(26)}`]) {
        const asked = { ...first, secondFactor, after };
        expect(await blocksOf(listUsersBySecondFactor, asked)).toBeLessThan(blocksAtMost);
        expect(await blocksOf(listTenantUsersBySecondFactor, asked)).toBeLessThan(blocksAtMost);
      }
    }
  });
});
