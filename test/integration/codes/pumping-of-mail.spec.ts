import { describe, expect, test } from '@jest/globals';
import { type TestUser } from '../../support/gateway-harness.js';
import { inParallel, tally } from '../../support/parallel.js';
import { enrol, enter, panel, person, rules, spread, tenant } from '../../support/pumping.js';

describe('T35 the same for mail', () => {
  const enrolMail = (user: TestUser, email: string) =>
    tenant.call('POST', `${user.path}/devices`, { method: 'email', name: 'Mail', email });

  test('one address gets 15 codes a day, however it is written and whoever asks', async () => {
    const people = await inParallel(60, (n) => person(`account-${n}`, 'u'), 8);
    const spellings = ['victim@example.com', 'Victim@Example.com', 'victim+1@example.com', 'VICTIM+news@EXAMPLE.COM'];
    const answers = await inParallel(300, (n) =>
      enrolMail(people[n % 60] as TestUser, spellings[n % spellings.length] as string),
    );
    expect(tally(answers)).toEqual({ '201': 15, '429 send_limit_reached': 285 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused?.body.detail).toContain('e-mail');
  });

  test('many addresses are bounded by user, account and domain', async () => {
    const one = await person('a', 'u');
    const byOne = await inParallel(100, (n) => enrolMail(one, `person${n}@firm-${n}.example`));
    expect(tally(byOne)).toEqual({ '201': 20, '429 rate_limited': 80 });
    const people = await inParallel(50, (n) => person(`account-${n}`, 'u'), 8);
    const byMany = await inParallel(300, (n) => enrolMail(people[n % 50] as TestUser, `person${n}@stranger.example`));
    expect(tally(byMany)).toEqual({ '201': 50, '429 rate_limited': 250 });
    expect(await rules()).toMatchObject({ per_user: 80, approved_ratio: 250 });
  });

  test('a device gets three codes at once over its challenges, then one each delay, and so many an hour', async () => {
    const user = await person('a', 'u');
    const { id } = (await enrolMail(user, 'jane@example.com')).body;
    expect((await enter(id)).status).toBe(200);
    const login = async () =>
      (await tenant.call('POST', '/v1/challenges', { accountId: 'a', userId: 'u' })).body.challenge.send;
    const first = await inParallel(30, login);
    expect(first.filter(({ deliveryId }) => deliveryId)).toHaveLength(3);
    expect(first.filter(({ code }) => code === 'resend_too_soon')).toHaveLength(27);
    expect(first.find(({ code }) => code)?.retryAfter).toBeLessThanOrEqual(30);
    let sent = 3;
    for (let minute = 0; minute < 30; minute += 1) {
      await panel.sql(`update send_pace set ready_at = ready_at - interval '30 seconds'`);
      if ((await login()).deliveryId) sent += 1;
    }
    expect(sent).toBe(20);
    expect(await login()).toMatchObject({ code: 'resend_too_soon' });
    await panel.sql(`update send_pace set hour_starts_at = hour_starts_at - interval '1 hour'`);
    await panel.sql(`update send_pace set ready_at = ready_at - interval '5 minutes'`);
    // The day's quota: the enrolment's code and 20 were used.
    const rest = [];
    for (let n = 0; n < 12; n += 1) {
      await panel.sql(`update send_pace set ready_at = ready_at - interval '30 seconds'`);
      rest.push((await login()).code ?? 'sent');
    }
    expect(rest).toEqual([...Array<string>(9).fill('sent'), ...Array<string>(3).fill('send_limit_reached')]);
  });

  test('guesses for an address are counted over all enrolments of it', async () => {
    const people = await inParallel(14, (n) => person(`account-${n}`, 'u'), 8);
    const devices = await inParallel(
      14,
      async (n) => (await enrolMail(people[n] as TestUser, 'victim@example.com')).body.id,
    );
    const guesses = await inParallel(70, (n) =>
      tenant.call('POST', `/v1/devices/${devices[n % 14]}/verify`, { code: '000000' }),
    );
    expect(tally(guesses)).toEqual({ '422 code_invalid': 5, '429 locked': 65 });
    expect(guesses.find(({ status }) => status === 429)?.body.lockedUntil).toEqual(expect.any(String));
    // The owner, of whom the panel told this address, has a count of their own.
    const owner = await person('owner', 'u');
    await tenant.call('PUT', owner.path, { email: 'Victim@example.com' });
    const { id } = (await enrolMail(owner, 'victim@example.com')).body;
    expect((await enter(id)).status).toBe(200);
  });
});

test("T35 five people with a colleague's number share one quota, which leaves the colleague a part, and the number is told", async () => {
  await tenant.call('PUT', '/v1/policy', {
    phone: { reuseVerifiedOnAccount: true },
    code: { resendAfterSeconds: 0 },
    sending: { perDevicePerHour: 100 },
  });
  const number = spread(1);
  const owner = await person('company', 'owner');
  const own = (await enrol(owner, number)).body.id as string;
  expect((await enter(own)).status).toBe(200);
  const others = await inParallel(5, async (n) => {
    const user = await person('company', `colleague-${n}`);
    expect((await enrol(user, number)).body).toMatchObject({ status: 'verified' });
    return user;
  });
  const told = await panel.sql(`select from delivery where tenant_id = $1 and kind = 'notice' and channel = 'sms'`, [
    tenant.tenantId,
  ]);
  expect(told).toHaveLength(5);
  const login = async (user: TestUser) =>
    (await tenant.call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId })).body.challenge
      .send;
  const sends = await inParallel(75, (n) => login(others[n % 5] as TestUser));
  expect(sends.filter(({ deliveryId }) => deliveryId)).toHaveLength(10);
  // The enrolment's code and ten: four are left, for whom the number belongs to.
  const mine = [];
  for (let n = 0; n < 5; n += 1) mine.push((await login(owner)).code ?? 'sent');
  expect(mine).toEqual(['sent', 'sent', 'sent', 'sent', 'sms_quota_exceeded']);
});
