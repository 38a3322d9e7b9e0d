import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { idTime } from '#contracts';
import { lookedAtMost } from '../../../apps/gateway/src/deliveries/delivery-summary.sql.js';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { newUserRef, writePastCodes, type PastCodes } from '../../support/past-codes.js';
import type { Call } from '../../support/gateway.js';

let panel: TestPanel;
let userRef: string;
let get: (query?: string) => ReturnType<Call>;
beforeAll(async () => {
  panel = await startPanel();
  userRef = await newUserRef(panel);
  const call = ApiDescription.read().checked(panel.call);
  get = (query = '') => call('GET', `/v1/deliveries/summary${query}`);
});
afterAll(() => panel.stop());
beforeEach(() => panel.sql('delete from delivery'));

const past = (codes: Omit<PastCodes, 'tenantId' | 'userRef'>) =>
  writePastCodes(panel, { tenantId: panel.tenantId, userRef, ...codes });
const iso = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();

describe('the summary of deliveries', () => {
  test('counts attempts, receipts and entered codes by channel, route and country, with cost and times', async () => {
    await past({
      route: 'vonage',
      count: 20,
      entered: 15,
      entrySeconds: 12,
      receiptSeconds: 3,
      price: '0.0333',
      minutesAgo: 60,
    });
    await past({ route: 'vonage', count: 10, entered: 1, price: '0.0500 EUR', country: 'DK', minutesAgo: 60 });
    await past({ route: 'http', count: 4, entered: 4, minutesAgo: 60, outcome: 'unknown' });
    await past({ channel: 'email', country: null, route: 'smtp', count: 2, entered: 1, minutesAgo: 60 });
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body.complete).toBe(true);
    expect(Date.parse(body.to) - Date.parse(body.from)).toBe(86_400_000);
    const none = { delivered: 0, undelivered: 0, toReceiptMs: null, prefix: null };
    const entry = { toEntryMs: { p50: 10_000, p95: 10_000 } };
    const sent = { toProviderMs: { p50: 100, p95: 100 } };
    expect(body.data).toEqual([
      {
        ...sent,
        channel: 'sms',
        route: 'vonage',
        country: 'NL',
        prefix: null,
        attempts: 20,
        sent: 20,
        delivered: 20,
        undelivered: 0,
        codes: 20,
        converted: 15,
        rate: 0.75,
        cost: [{ currency: null, amount: '0.6660' }],
        toReceiptMs: { p50: 3000, p95: 3000 },
        toEntryMs: { p50: 12_000, p95: 12_000 },
      },
      {
        ...none,
        ...sent,
        ...entry,
        channel: 'sms',
        route: 'vonage',
        country: 'DK',
        attempts: 10,
        sent: 10,
        codes: 10,
        converted: 1,
        rate: 0.1,
        cost: [{ currency: 'EUR', amount: '0.5000' }],
      },
      {
        ...none,
        ...entry,
        toProviderMs: null,
        channel: 'sms',
        route: 'http',
        country: 'NL',
        attempts: 4,
        sent: 0,
        codes: 4,
        converted: 4,
        rate: 1,
        cost: [],
      },
      {
        ...none,
        ...sent,
        ...entry,
        channel: 'email',
        route: 'smtp',
        country: null,
        attempts: 2,
        sent: 2,
        codes: 2,
        converted: 1,
        rate: 0.5,
        cost: [],
      },
    ]);
  });

  test('groups as it is asked to, and counts the time that it is asked for', async () => {
    await past({ route: 'a', count: 5, entered: 1, minutesAgo: 30, price: '1' });
    await past({ route: 'b', count: 3, entered: 3, minutesAgo: 30, price: '0.5 USD', country: 'DK' });
    await past({ route: 'a', count: 7, entered: 0, minutesAgo: 3000 });
    await panel.sql(`update delivery set prefix = '+31612' where country = 'NL'`);
    const of = async (query: string) =>
      (await get(query)).body.data.map(
        ({ channel, route, country, prefix, attempts, converted }: Record<string, unknown>) => [
          channel,
          route,
          country,
          prefix,
          attempts,
          converted,
        ],
      );
    expect(await of('?groupBy=route')).toEqual([
      [null, 'a', null, null, 5, 1],
      [null, 'b', null, null, 3, 3],
    ]);
    expect(await of('?groupBy=country,prefix')).toEqual([
      [null, null, 'NL', '+31612', 5, 1],
      [null, null, 'DK', null, 3, 3],
    ]);
    expect(await of(`?groupBy=channel&from=${iso(4000)}`)).toEqual([['sms', null, null, null, 15, 4]]);
    expect(await of(`?groupBy=channel&from=${iso(4000)}&to=${iso(2000)}`)).toEqual([['sms', null, null, null, 7, 0]]);
    expect((await get('?groupBy=channel')).body.data[0].cost).toEqual([
      { currency: 'USD', amount: '1.5' },
      { currency: null, amount: '5' },
    ]);
  });

  test('gives a code that went out twice to the last attempt before it was entered', async () => {
    const [id] = await past({ route: 'a', count: 1, entered: 1, entrySeconds: 60, minutesAgo: 30 });
    await panel.sql(
      `insert into delivery_attempt (delivery_id, number, provider, started_at, ended_at, outcome)
       select delivery_id, n, case n when 2 then 'b' else 'c' end, started_at + n * interval '25 seconds', ended_at + n * interval '25 seconds', 'sent'
       from delivery_attempt, generate_series(2, 3) n where delivery_id = $1`,
      [id],
    );
    const { data } = (await get('?groupBy=route')).body;
    expect(
      data.map(({ route, converted, toEntryMs }: Record<string, unknown>) => [route, converted, toEntryMs]),
    ).toEqual([
      ['a', 0, null],
      // 50 s after the first; the third began after the code was entered.
      ['b', 1, { p50: 10_000, p95: 10_000 }],
      ['c', 0, null],
    ]);
  });

  test('is of one tenant, and of one application where the key is bound to it', async () => {
    const other = await panel.tenant();
    await past({ route: 'a', count: 3, entered: 1, minutesAgo: 30 });
    await writePastCodes(panel, {
      tenantId: other.tenantId,
      userRef: await newUserRef(panel, other),
      route: 'a',
      count: 9,
      entered: 9,
      minutesAgo: 30,
    });
    await panel.sql(`update challenge set application = 'emergency' where tenant_id = $1 and status = 'approved'`, [
      panel.tenantId,
    ]);
    expect((await get()).body.data).toMatchObject([{ attempts: 3, converted: 1 }]);
    expect((await other.call('GET', '/v1/deliveries/summary')).body.data).toMatchObject([
      { attempts: 9, converted: 9 },
    ]);
    const bound = await panel.key(['challenges'], 'emergency');
    const answer = await fetch(`${panel.url}/v1/deliveries/summary`, { headers: { authorization: `Bearer ${bound}` } });
    expect(((await answer.json()) as { data: object[] }).data).toMatchObject([{ attempts: 1, converted: 1 }]);
  });

  test.each([
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', '/query/from', 'must be before'],
    ['from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z', '/query/from', 'at most 31 days'],
    ['from=yesterday', '/query/from', ''],
    ['groupBy=tenant', '/query/groupBy', 'must be some of channel, route, country, prefix'],
    ['groupBy=route,route', '/query/groupBy', 'must be some of'],
    ['groupby=route', '/query', ''],
  ])('refuses %s', async (query, pointer, detail) => {
    const { status, body } = await panel.call('GET', `/v1/deliveries/summary?${query}`);
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({
      pointer: expect.stringContaining(pointer),
      detail: expect.stringContaining(detail),
    });
  });

  test('counts the latest of very many, and says since when', async () => {
    const at = Date.now();
    await panel.sql(
      `insert into delivery (id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, status, provider, created_at, expires_at)
       select 'dlv_' || substr($1, 5) || lpad(n::text, 16, '0'), $2, $3, 'dev_none', 'chl_none', 'sms', 'code', 'NL', 'sent', 'a',
         $4::timestamptz - interval '1 hour' + n * interval '1 ms', now()
       from generate_series(1, $5::int) n`,
      [idTime('delivery', at - 3_600_000), panel.tenantId, userRef, new Date(at).toISOString(), lookedAtMost + 500],
    );
    await panel.sql(
      `insert into delivery_attempt (delivery_id, number, provider, outcome) select id, 1, 'a', 'sent' from delivery`,
    );
    await panel.sql('analyze delivery, delivery_attempt');
    const { body } = await get('?groupBy=route');
    expect(body.complete).toBe(false);
    expect(body.data).toMatchObject([{ route: 'a', attempts: lookedAtMost }]);
    expect(Date.parse(body.from)).toBeGreaterThan(at - 3_600_000 + 400);
  });
});
