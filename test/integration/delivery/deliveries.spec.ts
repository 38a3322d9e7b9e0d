import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel } from '../../support/gateway-harness.js';
import { smsUser } from '../../support/sms-user.js';

let panel: TestPanel;
let api: ApiDescription;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
  call = api.checked(panel.call);
});
afterAll(() => panel.stop());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('deliveries', () => {
  test('are listed the latest first, by every filter alone and together', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const [one, two] = [await smsUser(panel, at, tenant), await smsUser(panel, at, tenant)];
    const challengeId = await panel.challenge(one, {}, tenant);
    const other = await panel.challenge(two, {}, tenant);
    await panel.sql(`update delivery set status = 'sent', sent_at = now() where challenge_id = $1`, [other]);
    const list = async (query: string) => (await at('GET', `/v1/deliveries?${query}`)).body.data;
    const all = await list('');
    expect(all).toHaveLength(4);
    expect(all.map(({ id }: { id: string }) => id)).toEqual(
      all
        .map(({ id }: { id: string }) => id)
        .toSorted()
        .toReversed(),
    );
    for (const [query, found] of [
      [`accountId=${one.accountId}`, 2],
      [`userId=${two.userId}`, 2],
      [`deviceId=${one.deviceId}`, 2],
      [`challengeId=${challengeId}`, 1],
      ['status=queued', 3],
      ['status=sent', 1],
      ['status=failed', 0],
      [
        `accountId=${one.accountId}&userId=${one.userId}&deviceId=${one.deviceId}&challengeId=${challengeId}&status=queued`,
        1,
      ],
      [`accountId=${one.accountId}&userId=${two.userId}`, 0],
      [`challengeId=${other}&status=queued`, 0],
    ] as const) {
      expect({ query, found: (await list(query)).length }).toEqual({ query, found });
    }
    const [delivery] = await list(`challengeId=${challengeId}`);
    expect(delivery).toEqual({
      id: expect.stringMatching(/^dlv_/),
      accountId: one.accountId,
      userId: one.userId,
      deviceId: one.deviceId,
      challengeId,
      channel: 'sms',
      kind: 'code',
      status: 'queued',
      provider: null,
      error: null,
      createdAt: time,
      expiresAt: time,
      sentAt: null,
      endedAt: null,
      attempts: [],
    });
    expect((await at('GET', `/v1/deliveries/${delivery.id}`)).body).toEqual(delivery);
  });

  test('show each attempt, and never what was in them', async () => {
    const user = await smsUser(panel, call);
    const id = await panel.challenge(user);
    const code = await panel.sentCode(user.deviceId);
    await panel.sql(
      `insert into delivery_attempt (delivery_id, number, provider, ended_at, outcome, error, price, receipt, receipt_at, receipt_error)
       select id, n, 'vonage', case n when 1 then clock_timestamp() end, case n when 1 then 'transient' end,
         case n when 1 then 'timeout' end, case n when 2 then '0.07 EUR' end,
         case n when 2 then 'failed' end, case n when 2 then clock_timestamp() end, case n when 2 then 'vonage-expired-5' end
       from delivery, generate_series(1, 2) n where challenge_id = $1`,
      [id],
    );
    const { body } = await call('GET', `/v1/deliveries?challengeId=${id}`);
    expect(body.data[0].attempts).toEqual([
      {
        number: 1,
        provider: 'vonage',
        startedAt: time,
        endedAt: time,
        outcome: 'transient',
        error: 'timeout',
        price: null,
        receipt: null,
        receiptAt: null,
        receiptError: null,
      },
      {
        number: 2,
        provider: 'vonage',
        startedAt: time,
        endedAt: null,
        outcome: null,
        error: null,
        price: '0.07 EUR',
        receipt: 'failed',
        receiptAt: time,
        receiptError: 'vonage-expired-5',
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(code);
  });
});
