import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { pageOfEvents, type EventFilter } from '../../../apps/gateway/src/audit/find-events.sql.js';
import { fillEvents, filledTenant } from '../../support/filled-database.js';
import { openLargeDatabase, type LargeDatabase } from '../../support/large-database.js';

/** How 1,000,000 events are found, by what people look for; with FILLED=full, 10,000,000. */

const events = process.env['FILLED'] === 'full' ? 10_000_000 : 1_000_000;
const size = { accounts: events / 1000, users: events / 50, events };
/** Pages of 8 kB that a page of 500 events may take, of some 60,000 (600,000) that the tables have, by indexes that are a level deeper there. */
const blocksAtMost = events > 1_000_000 ? 16_000 : 12_000;
/** Of what one thing has: no more than some events, each by several indexes. */
const blocksOfAThing = 1500;

let database: LargeDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await openLargeDatabase((url) => fillEvents(url, size));
  ({ client } = database);
  // The plan that is kept, not one for these values.
  await client.query('set plan_cache_mode = force_generic_plan');
}, 1_800_000);

afterAll(() => database?.close());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

const few = new Set(['app_user', 'audit_pruned']);
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

type Order = 'oldest' | 'newest';

/** The plan of a page as it ran: by which indexes of `event` it went, what it read whole, and how much it touched. */
async function run(order: Order, filter: EventFilter, tenantId = filledTenant) {
  const [{ text, names }, values] = pageOfEvents({ tenantId, order, limit: 500, ...filter });
  const literal = (value: unknown): string => {
    if (value === undefined) return 'null';
    if (Array.isArray(value)) return client.escapeLiteral(`{${value.join()}}`);
    return client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
  };
  const list = names.map((name) => literal(values[name as keyof typeof values]));
  await client.query(`prepare looked_at as ${text}`);
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, buffers, format json) execute looked_at (${list.join(', ')})`,
    );
    const found = await client.query<{ sequence: string }>(`execute looked_at (${list.join(', ')})`);
    const plan = (rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan;
    const nodes = nodesOf(plan);
    return {
      indexes: new Set(nodes.flatMap((node) => node['Index Name'] ?? [])),
      // There are no users here, and of what was pruned there is a row for each tenant.
      readWhole: nodes
        .filter(({ 'Node Type': type, 'Relation Name': table = '' }) => type === 'Seq Scan' && !few.has(table))
        .map((node) => node['Relation Name']),
      blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      sequences: found.rows.map(({ sequence }) => Number(sequence)),
    };
  } finally {
    await client.query('deallocate looked_at');
  }
}

const id = (prefix: string, number: number) => `${prefix}_${String(number).padStart(26, '0')}`;
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);

const account = 'account-77';
const device = id('dev', 77);
const challenge = id('chl', 100_000);
const request = id('req', 300_000);

const besides: Readonly<Record<string, EventFilter>> = {
  nothing: {},
  time: { from: day(80), to: day(1) },
  type: { types: ['challenge.rejected', 'device.verified'] },
  account: { account: 'account-1' },
  'account, type and time': { account: 'account-77', types: ['challenge.created'], from: day(80) },
};

/** What is asked, the index that it has to go by, and how many events there are of it. */
const things: readonly [string, EventFilter, string, number][] = [
  ['device', { device }, 'event_device', events / size.users],
  ['challenge', { challenge }, 'event_challenge', 5],
  ['request', { request }, 'event_request', 2],
  ['challenge and device', { challenge, device }, 'event_challenge', 0],
  ['request and all others', { request, challenge, device, user: 'user-77' }, 'event_request', 0],
];

const cases = (['oldest', 'newest'] as const).flatMap((order) =>
  things.flatMap(([name, filter, index, all]) =>
    Object.entries(besides).map(([more, other]) => [order, name, more, { ...filter, ...other }, index, all] as const),
  ),
);

test.each(cases)('%s first, by %s and %s', async (order, _, more, filter, index, all) => {
  const { indexes, readWhole, blocks, sequences } = await run(order, filter);
  expect(indexes).toContain(index);
  expect(readWhole).toEqual([]);
  expect(blocks).toBeLessThan(blocksOfAThing);
  const sorted = sequences.toSorted((a, b) => (order === 'oldest' ? a - b : b - a));
  expect(sequences).toEqual(sorted);
  if (more === 'nothing') expect(sequences).toHaveLength(all);
});

const usual: readonly [string, EventFilter, string | undefined][] = [
  ['nothing', {}, undefined],
  ['time', { from: day(40), to: day(39) }, undefined],
  ['type', { types: ['challenge.rejected'] }, 'event_tenant_id_type_time_index'],
  ['type and time', { types: ['challenge.created'], from: day(40), to: day(39) }, 'event_tenant_id_type_time_index'],
  ['account', { account }, 'event_tenant_id_account_id_time_index'],
  ['account and type', { account, types: ['device.verified'] }, undefined],
  ['account and time', { account, from: day(40), to: day(39) }, 'event_tenant_id_account_id_time_index'],
  ['user', { user: 'user-77' }, 'event_tenant_id_user_id_account_id_time_index'],
  ['account and user', { account, user: 'user-77' }, 'event_tenant_id_user_id_account_id_time_index'],
  ['account, user and type', { account, user: 'user-77', types: ['challenge.created'] }, undefined],
];

test.each((['oldest', 'newest'] as const).flatMap((order) => usual.map((row) => [order, ...row] as const)))(
  '%s first, by %s',
  async (order, _, filter, index) => {
    const { indexes, readWhole, blocks } = await run(order, filter);
    if (index !== undefined) expect(indexes).toContain(index);
    expect(readWhole).toEqual([]);
    expect(blocks).toBeLessThan(blocksAtMost);
  },
);

test.each(things)("another tenant's ids find nothing, by %s", async (_, filter, index) => {
  const { indexes, blocks, sequences } = await run('oldest', filter, 'tnt_small');
  expect(sequences).toEqual([]);
  expect(indexes).toContain(index);
  expect(blocks).toBeLessThan(blocksOfAThing);
});
