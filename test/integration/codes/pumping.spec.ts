import { describe, expect, test } from '@jest/globals';
import { type TestUser } from '../../support/gateway-harness.js';
import { inParallel, tally } from '../../support/parallel.js';
import { enrol, enter, panel, person, rules, spread, tenant } from '../../support/pumping.js';

/**
 * T35: what the pumping guard stops of an attack, and what it costs those who are honest. `PUMPING_NUMBERS=10000` is the
 * size that docs/sms-pumping.md gives figures for; here fewer are enough to see each rule.
 */
const size = Number(process.env['PUMPING_NUMBERS'] ?? 300);
const patienceMs = 60_000 + size * 200;

/** Numbers that differ in the last four digits only: valid ones, of one operator's block. */
const adjacent = (n: number) => `+316${String(12_340_000 + (n % 9999))}`;
/** Amid those, and none of them. */
const amidAdjacent = '+31612349999';

/** Somebody who has logged in by SMS, with a number amid those that are attacked. */
async function customer(phone: string): Promise<TestUser & { deviceId: string }> {
  const user = await person('customer', 'jane');
  const deviceId = (await enrol(user, phone)).body.id as string;
  expect((await enter(deviceId)).status).toBe(200);
  const id = await panel.challenge(user, {}, tenant);
  const code = await panel.sentCode(deviceId);
  expect((await tenant.call('POST', `/v1/challenges/${id}/verify`, { code })).status).toBe(200);
  return { ...user, deviceId };
}

describe('T35 of an attack', () => {
  const many = (accounts: number, users: number) => async () => {
    const people: TestUser[] = [];
    for (let a = 0; a < accounts; a += 1) {
      for (let u = 0; u < users; u += 1) people.push(await person(`attacker-${a}`, `user-${u}`));
    }
    return people;
  };
  const attacks: [string, () => Promise<TestUser[]>, (n: number) => string, number, string[]][] = [
    ['by one user, on adjacent numbers', many(1, 1), adjacent, 20, ['per_user']],
    ['by one user, all over the country', many(1, 1), spread, 20, ['per_user']],
    ['by the users of one account, on adjacent numbers', many(1, 50), adjacent, 40, ['per_prefix']],
    ['by the users of one account, all over the country', many(1, 50), spread, 100, ['per_account']],
    ['by users of many accounts, on adjacent numbers', many(50, 1), adjacent, 40, ['per_prefix']],
    ['by users of many accounts, all over the country', many(100, 1), spread, 60 * 4, ['approved_ratio', 'per_user']],
  ];

  test.each(attacks)(
    '%s, few messages go out',
    async (_name, attackers, number, most, expected) => {
      const people = await attackers();
      const jane = await customer(amidAdjacent);
      const answers = await inParallel(size, (n) => enrol(people[n % people.length] as TestUser, number(n)), 8);
      const counts = tally(answers);
      const sent = counts['201'] ?? 0;
      const seen = await rules();
      process.stdout.write(`T35 ${_name}: ${sent} of ${size} sent; ${JSON.stringify(seen)}\n`);
      expect(counts).toEqual({ '201': sent, '422 sms_blocked': size - sent });
      expect(sent).toBeLessThanOrEqual(most);
      expect(Object.keys(seen)).toEqual(expect.arrayContaining([expected[0]]));

      // Whoever logged in lately is not blocked: not at login, and not with a new device of the same number.
      const login = await tenant.call('POST', '/v1/challenges', { ...jane, path: undefined, deviceId: jane.deviceId });
      expect(login.body.challenge.send.deliveryId).toEqual(expect.any(String));
    },
    patienceMs,
  );

  test.each([
    ['premium rate', '+31909123456'],
    ['premium rate elsewhere', '+449098790000'],
    ['shared cost', '+448449999999'],
    ['satellite', '+881612345678'],
    ['another satellite', '+870776000000'],
    ['a personal number', '+447012345678'],
  ])('numbers of a costly kind get nothing: %s', async (_name, phone) => {
    await tenant.call('PUT', '/v1/policy', { phone: { allowedCountries: ['*'] } });
    const user = await person('a', 'u');
    const answer = await enrol(user, phone);
    expect(answer).toMatchObject({ status: 422, body: { code: 'sms_blocked' } });
    // Which rule it was is for operators, not for whoever tries.
    expect(JSON.stringify(answer.body)).not.toContain('number_kind');
    expect(await rules()).toEqual({ number_kind: 1 });
    expect(await panel.sql('select from device where tenant_id = $1', [tenant.tenantId])).toEqual([]);
  });

  test('a change of number, and a resend, are counted as an enrolment is', async () => {
    await tenant.call('PUT', '/v1/policy', { sending: { perUserPerHour: 2 }, code: { resendAfterSeconds: 0 } });
    const user = await person('a', 'u');
    const id = (await enrol(user, spread(1))).body.id as string;
    const resend = () => tenant.call('POST', `/v1/devices/${id}/codes`);
    expect((await resend()).status).toBe(202);
    expect(await resend()).toMatchObject({ status: 422, body: { code: 'sms_blocked' } });
    expect((await enter(id)).status).toBe(200);
    // What was entered counts no more.
    await tenant.call('PUT', '/v1/policy', { sending: { perUserPerHour: 1 }, code: { resendAfterSeconds: 0 } });
    const challenge = await panel.challenge(user, { purpose: 'change_phone' }, tenant);
    const code = await panel.sentCode(id);
    const { proof } = (await tenant.call('POST', `/v1/challenges/${challenge}/verify`, { code })).body;
    const headers = { 'sallyport-proof': proof };
    const changed = await tenant.call('PUT', `/v1/devices/${id}/phone`, { phone: spread(2) }, headers);
    expect(changed.status).toBe(200);
    expect(await resend()).toMatchObject({ status: 422, body: { code: 'sms_blocked' } });
  });

  test('other countries than those of the tenant get nothing', async () => {
    const user = await person('a', 'u');
    expect(await enrol(user, '+2348031234567')).toMatchObject({ status: 422, body: { code: 'country_not_allowed' } });
    await tenant.call('PUT', '/v1/policy', { phone: { allowedCountries: ['NG'] } });
    expect((await enrol(user, '+2348031234567')).status).toBe(201);
    expect(await enrol(user, adjacent(1))).toMatchObject({ status: 422, body: { code: 'country_not_allowed' } });
  });

  test('what SMS cost in a day has an end, which workers tell and an administrator lifts', async () => {
    await tenant.call('PUT', '/v1/policy', { sending: { spendPerDay: 5 } });
    const jane = await customer(adjacent(9998));
    const user = await person('a', 'u');
    const spend = (cost: number) =>
      panel.sql(
        `insert into sms_spend values ($1, (now() at time zone 'UTC')::date, floor(random() * 8), 1, $2)
         on conflict (tenant_id, day, part) do update set cost = sms_spend.cost + excluded.cost`,
        [tenant.tenantId, cost],
      );
    await spend(4.99);
    expect((await enrol(user, spread(1))).status).toBe(201);
    await spend(0.01);
    expect(await enrol(user, spread(2))).toMatchObject({ status: 422, body: { code: 'sms_blocked' } });
    const login = await tenant.call('POST', '/v1/challenges', { accountId: jane.accountId, userId: jane.userId });
    expect(login.body.challenge.send.deliveryId).toEqual(expect.any(String));

    const listed = await tenant.call('GET', '/v1/send-blocks');
    expect(listed.body.data).toEqual([
      expect.objectContaining({ rule: 'spend', about: null, refused: 1, liftedAt: null }),
    ]);
    const key = await tenant.key(['accounts', 'devices', 'challenges', 'audit']);
    const { id } = listed.body.data[0];
    const asPanel = { authorization: `Bearer ${key}` };
    expect((await tenant.call('DELETE', `/v1/send-blocks/${id}`, undefined, asPanel)).status).toBe(403);
    expect((await panel.call('DELETE', `/v1/send-blocks/${id}`)).status).toBe(404);
    expect((await tenant.call('DELETE', `/v1/send-blocks/${id}`)).status).toBe(204);
    expect((await tenant.call('DELETE', `/v1/send-blocks/${id}`)).status).toBe(404);
    expect((await enrol(user, spread(2))).status).toBe(201);
    const [lifted] = await panel.sql<{ data: object }>(
      `select data - 'apiKeyId' as data from event where type = 'send_block.lifted' and tenant_id = $1`,
      [tenant.tenantId],
    );
    expect(lifted?.data).toMatchObject({ blockId: id, rule: 'spend' });
  });

  test('an hour later the rules that go by the hour begin anew', async () => {
    await tenant.call('PUT', '/v1/policy', { sending: { perAccountPerHour: 1 } });
    const user = await person('a', 'u');
    expect((await enrol(user, spread(1))).status).toBe(201);
    const refused = await enrol(user, spread(2));
    expect(refused).toMatchObject({ status: 422, body: { code: 'sms_blocked' } });
    expect(refused.body.retryAfter).toBeLessThanOrEqual(3600);
    await panel.sql(`update send_window set starts_at = starts_at - interval '1 hour'`);
    expect((await enrol(user, spread(2))).status).toBe(201);
  });

  test('codes that were entered do not count, so that a company can enrol its people', async () => {
    await tenant.call('PUT', '/v1/policy', {
      sending: { perAccountPerHour: 3, perPrefixPerHour: 3, perTenantPerHour: 3 },
    });
    for (let n = 0; n < 8; n += 1) {
      const device = await enrol(await person('company', `user-${n}`), adjacent(n));
      expect([n, device.status]).toEqual([n, 201]);
      expect((await enter(device.body.id)).status).toBe(200);
    }
  });

  test('of parallel calls exactly the limit passes', async () => {
    await tenant.call('PUT', '/v1/policy', { sending: { perAccountPerHour: 7 } });
    const people = await inParallel(40, (n) => person('company', `user-${n}`), 8);
    const answers = await inParallel(40, (n) => enrol(people[n] as TestUser, spread(n)));
    expect(tally(answers)).toEqual({ '201': 7, '422 sms_blocked': 33 });
  });
});

test(
  'T35 an honest launch day of one country loses nobody',
  async () => {
    // Of ten who begin, one never enters the code; people are slow, so that some forty codes are under way at any time.
    const hours = [3, 6, 10, 14, 14, 12, 10, 9, 8, 7, 4, 3];
    const waiting: string[] = [];
    let begun = 0;
    let refused = 0;
    let entered = 0;
    for (const share of hours) {
      const people = Math.round((size * share) / 100);
      for (let batch = 0; batch < people; batch += 8) {
        const answers = await inParallel(Math.min(8, people - batch), async (n) => {
          const number = begun + batch + n;
          return enrol(await person(`account-${number}`, 'owner'), spread(number));
        });
        refused += answers.filter(({ status }) => status !== 201).length;
        waiting.push(
          ...answers.flatMap(({ body }, n) => (body.id && (batch + n) % 10 !== 0 ? [body.id as string] : [])),
        );
        const ready = waiting.splice(0, Math.max(0, waiting.length - 40));
        const done = await inParallel(ready.length, (n) => enter(ready[n] as string));
        entered += done.filter(({ status }) => status === 200).length;
      }
      begun += people;
      await panel.sql('delete from send_window where rule is not null');
    }
    const late = await inParallel(waiting.length, (n) => enter(waiting[n] as string));
    entered += late.filter(({ status }) => status === 200).length;
    process.stdout.write(`T35 honest launch day: ${begun} began, ${refused} refused, ${entered} entered their code\n`);
    expect({ refused, rules: await rules() }).toEqual({ refused: 0, rules: {} });
    expect(entered).toBeGreaterThan(begun * 0.8);
  },
  patienceMs,
);
