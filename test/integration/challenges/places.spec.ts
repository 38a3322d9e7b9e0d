import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startPanel, totp, wrongTotp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import { inParallel, raceBehind, tally } from '../../support/parallel.js';

/** Whoever has the password, and the owner: what one does must not take the other's ways in. */
let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());

const home = '198.51.100.7';
const elsewhere = '203.0.113.9';
const third = '192.0.2.77';

let user: EnrolledTotp;
beforeEach(async () => {
  user = await panel.totpUser();
});

const ask = (ip: string | undefined, more: object = {}) =>
  panel.call('POST', '/v1/challenges', {
    accountId: user.accountId,
    userId: user.userId,
    ...(ip === undefined ? {} : { context: { ip } }),
    ...more,
  });

async function guess(ip: string | undefined, code?: string) {
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const id = (await ask(ip)).body.challenge.id as string;
  const body = { deviceId: user.deviceId, code: code ?? wrongTotp(user.secret) };
  return panel.call('POST', `/v1/challenges/${id}/verify`, body);
}
const logIn = (ip: string | undefined) => guess(ip, totp(user.secret));

async function fail(ip: string | undefined, times: number) {
  for (let n = 0; n < times; n += 1) expect(await guess(ip)).toMatchObject({ body: { code: 'code_invalid' } });
}

describe('open challenges', () => {
  test('of one place have an end, which is none for the owner, wherever they are', async () => {
    expect((await logIn(home)).status).toBe(200);
    // Counted before it is opened: calls that come at once may open a few more.
    expect(tally(await inParallel(500, () => ask(elsewhere)))).toEqual({ '201': 500 });
    expect(tally(await inParallel(5, () => ask(elsewhere)))).toEqual({ '429 rate_limited': 5 });
    // The same network, too; and not another one, known or not.
    expect((await ask('203.0.113.250')).status).toBe(429);
    expect((await ask(third)).status).toBe(201);
    expect((await ask(undefined)).status).toBe(201);
    expect((await logIn(home)).status).toBe(200);
  });

  test('of many places have an end, which is none where the user has logged in from', async () => {
    expect((await logIn(home)).status).toBe(200);
    await panel.sql(
      `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at, place)
       select 'chl_' || d.id || n, d.tenant_id, d.user_id, 'login', 5, now() + interval '5 minutes', sha256(n::text::bytea)
       from device d, generate_series(1, 2000) n where d.id = $1`,
      [user.deviceId],
    );
    expect((await ask(third)).status).toBe(429);
    expect((await logIn(home)).status).toBe(200);
    // And a reset has to end them all.
    const reset = await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'test' });
    expect(reset.status).toBe(200);
    const left = await panel.sql(
      `select from challenge where status = 'pending' and user_id =
      (select id from app_user where external_id = $1)`,
      [user.userId],
    );
    expect(left).toEqual([]);
  });
});

describe('wrong codes', () => {
  test('of strangers lock strangers out, not the owner', async () => {
    expect((await logIn(home)).status).toBe(200);
    await fail(elsewhere, 5);
    expect(await logIn(elsewhere)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect(await logIn(third)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect(await logIn(undefined)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect((await ask(elsewhere)).body.challenge.devices[0].lockedUntil).toEqual(expect.any(String));
    const owner = await ask('198.51.100.200');
    expect(owner.body.challenge.devices[0].lockedUntil).toBeNull();
    expect((await logIn(home)).status).toBe(200);
  });

  test('of the owner lock the owner, by a count of their own', async () => {
    expect((await logIn(home)).status).toBe(200);
    await fail(elsewhere, 4);
    await fail(home, 4);
    await fail(home, 1);
    expect(await logIn(home)).toMatchObject({ status: 429, body: { code: 'locked' } });
    // Another place still has its fifth.
    await fail(elsewhere, 1);
    expect(await logIn(elsewhere)).toMatchObject({ status: 429 });
  });

  test('of 20 strangers at once get five answers, and the owner goes on', async () => {
    expect((await logIn(home)).status).toBe(200);
    const challenges = await inParallel(20, async () => (await ask(elsewhere)).body.challenge.id as string, 8);
    const mine = (await ask(home)).body.challenge.id as string;
    const answers = await raceBehind(
      panel,
      { text: 'select from device where id = $1 for update', values: [user.deviceId] },
      {
        waiting: 20,
        start: () =>
          challenges.map((id) => panel.call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) })),
      },
    );
    expect(tally(answers)).toEqual({ '422 code_invalid': 5, '429 locked': 15 });
    await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
    expect((await panel.call('POST', `/v1/challenges/${mine}/verify`, { code: totp(user.secret) })).status).toBe(200);
  });

  test('fifty of strangers shut strangers out for long, and leave the owner the device', async () => {
    expect((await logIn(home)).status).toBe(200);
    await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
    const last = await guess(elsewhere);
    expect(last).toMatchObject({ status: 422, body: { code: 'code_invalid' } });
    expect(Date.parse(last.body.lockedUntil) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(await logIn(third)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect((await logIn(home)).status).toBe(200);
    // That the owner logged in ends it.
    expect((await logIn(third)).status).toBe(200);
  });

  test('fifty at a device whose owner is known nowhere disable it', async () => {
    expect((await logIn(undefined)).status).toBe(200);
    await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
    await fail(elsewhere, 1);
    expect((await panel.call('GET', `/v1/devices/${user.deviceId}`)).body.status).toBe('disabled');
  });

  test('a login makes its place known for 90 days, a challenge that was not approved never', async () => {
    await fail(home, 5);
    expect(await logIn(home)).toMatchObject({ status: 429 });
    await panel.call('DELETE', `${user.path}/lockouts`);
    expect((await logIn(home)).status).toBe(200);
    await panel.sql(`update challenge set ended_at = ended_at - interval '91 days' where place is not null`);
    await fail(elsewhere, 5);
    expect(await logIn(home)).toMatchObject({ status: 429 });
  });

  test('a trusted browser is a known place, on whichever network', async () => {
    const tenant = await panel.tenant();
    await tenant.call('PUT', '/v1/policy', { trustedBrowser: { allowed: true } });
    const own = await panel.totpUser(tenant);
    const verify = async (body: object, more: object) => {
      await panel.sql('update device set last_used_step = null where id = $1', [own.deviceId]);
      const { accountId, userId } = own;
      const id = (await tenant.call('POST', '/v1/challenges', { accountId, userId, ...body })).body.challenge.id;
      return tenant.call('POST', `/v1/challenges/${id}/verify`, more);
    };
    const trusting = await verify({}, { code: totp(own.secret), rememberBrowser: true });
    const { trustedBrowser } = trusting.body;
    expect(trustedBrowser).toEqual(expect.any(String));
    for (let n = 0; n < 5; n += 1) await verify({ context: { ip: elsewhere } }, { code: wrongTotp(own.secret) });
    const stepUp = { purpose: 'transaction', detail: 'Pay 5 EUR', context: { ip: third } };
    const { accountId, userId } = own;
    const stranger = await tenant.call('POST', '/v1/challenges', { accountId, userId, ...stepUp });
    expect(stranger.body).toMatchObject({ decision: 'deny', reason: 'locked' });
    expect((await verify({ ...stepUp, trustedBrowser }, { code: totp(own.secret) })).status).toBe(200);
  });
});

test('recovery codes work whatever strangers have tried', async () => {
  await fail(elsewhere, 5);
  for (let n = 0; n < 6; n += 1) {
    const id = (await ask(elsewhere)).body.challenge.id as string;
    const answer = await panel.call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: '0000-0000-0000-0000' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'recovery_code_invalid', attemptsLeft: 4 } });
  }
  const opened = await ask(third);
  expect(opened.body).toMatchObject({ decision: 'challenge', challenge: { recoveryCodesAvailable: true } });
  const recoveryCode = user.recoveryCodes[0];
  const id = opened.body.challenge.id as string;
  expect((await panel.call('POST', `/v1/challenges/${id}/verify`, { recoveryCode })).status).toBe(200);
});

describe('SMS', () => {
  async function phoneUser() {
    const tenant = await panel.tenant();
    await tenant.call('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } });
    const owner = await panel.user(tenant);
    const body = { method: 'sms', name: 'Phone', phone: '+31612345678' };
    const { id } = (await tenant.call('POST', `${owner.path}/devices`, body)).body;
    await tenant.call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    const login = async (ip: string) =>
      (
        await tenant.call('POST', '/v1/challenges', {
          accountId: owner.accountId,
          userId: owner.userId,
          context: { ip },
        })
      ).body.challenge;
    const enter = async (challenge: { id: string }) =>
      tenant.call('POST', `/v1/challenges/${challenge.id}/verify`, { code: await panel.sentCode(id) });
    return { login, enter };
  }

  test('a third of the day is kept for the owner, and what strangers ask for delays nobody else', async () => {
    const { login, enter } = await phoneUser();
    expect((await enter(await login(home))).status).toBe(200);
    const asked = await inParallel(16, () => login(elsewhere));
    expect(asked.filter(({ send }) => send.deliveryId)).toHaveLength(10);
    expect(asked.filter(({ send }) => send.code === 'sms_quota_exceeded')).toHaveLength(6);
    // Two were the owner's before; three are left of fifteen.
    for (let n = 0; n < 3; n += 1) expect((await enter(await login(home))).status).toBe(200);
    expect((await login(home)).send.code).toBe('sms_quota_exceeded');
  });

  test('all of the day is there for anybody where nobody is known', async () => {
    const { login } = await phoneUser();
    const asked = await inParallel(20, () => login(elsewhere));
    expect(asked.filter(({ send }) => send.deliveryId)).toHaveLength(14);
  });
});

test('one user begins so many enrolments an hour, and a reset ends them all', async () => {
  const owner = await panel.user();
  const begun = await inParallel(230, () =>
    panel.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'App' }),
  );
  expect(tally(begun)).toEqual({ '201': 200, '429 rate_limited': 30 });
  expect((await panel.call('POST', `${owner.path}/two-factor/reset`, { reason: 'test' })).status).toBe(200);
  expect((await panel.call('GET', `${owner.path}/devices`)).body.data).toEqual([]);
});
