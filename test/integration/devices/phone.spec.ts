import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPersonal } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import {
  otherCode,
  startPanel,
  totp,
  type Call,
  type EnrolledTotp,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
const freshPhone = () => `+316${String(15_000_000 + (numbers += 1))}`;
const masked = (phone: string) => `${phone.slice(0, 3)}*****${phone.slice(-2)}`;

interface PhoneUser extends EnrolledTotp {
  readonly phoneId: string;
  readonly phone: string;
}

/** A user with an authenticator app, for proofs, and a verified phone. */
async function phoneUser(policy: object = {}): Promise<PhoneUser> {
  const user = await panel.totpUser();
  await setPolicy(user, policy);
  const phone = freshPhone();
  const body = { method: 'sms', name: 'Phone', phone };
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const { id } = (await call('POST', `${user.path}/devices`, body, headers)).body;
  expect((await verify(id, await panel.sentCode(id))).status).toBe(200);
  return { ...user, phoneId: id, phone };
}

const setPolicy = async ({ accountId }: TestUser, policy: object) =>
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
const verify = (id: string, code: string, more: object = {}) =>
  call('POST', `/v1/devices/${id}/verify`, { code, ...more });
const show = async (id: string) => (await call('GET', `/v1/devices/${id}`)).body;
const put = (id: string, phone: string, proof?: string) =>
  call('PUT', `/v1/devices/${id}/phone`, { phone }, proof === undefined ? {} : { 'sallyport-proof': proof });
const change = async (user: PhoneUser, phone = freshPhone()) =>
  put(user.phoneId, phone, await panel.proof(user, 'change_phone'));

/** Where the newest message to the device goes. */
async function addressOf(deviceId: string): Promise<string> {
  const [row] = await panel.sql<{ id: string; tenantId: string; payload: Buffer }>(
    `select id, tenant_id as "tenantId", payload_sealed as payload from delivery where device_id = $1
     order by created_at desc, id desc limit 1`,
    [deviceId],
  );
  const text = panel.sealer.openText('delivery', `${row?.tenantId}:${deviceId}:${row?.id}`, row?.payload as Buffer);
  return (JSON.parse(text) as { to: string }).to;
}

/** Logs in by the phone. */
async function login(user: PhoneUser): Promise<Answer> {
  const challenge = await panel.challenge(user, { deviceId: user.phoneId });
  const code = await panel.sentCode(user.phoneId);
  return call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code });
}

describe('a change of number', () => {
  test('takes effect with a code sent to the new one; until then the old one serves', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    const changed = await change(user, number);
    expect(changed).toMatchObject({
      status: 200,
      body: {
        status: 'verified',
        maskedAddress: masked(user.phone),
        pendingPhone: { masked: masked(number), status: 'unverified', expiresAt: expect.any(String) },
        send: { deliveryId: expect.stringMatching(/^dlv_/) },
      },
    });
    expect(await addressOf(user.phoneId)).toBe(number);
    const code = await panel.sentCode(user.phoneId);
    expect(await show(user.phoneId)).toMatchObject({ pendingPhone: { masked: masked(number) } });

    expect((await login(user)).status).toBe(200);
    expect(await addressOf(user.phoneId)).toBe(user.phone);

    const proved = await verify(user.phoneId, code);
    expect(proved).toMatchObject({ status: 200, body: { status: 'verified', maskedAddress: masked(number) } });
    expect(proved.body).not.toHaveProperty('pendingPhone');
    expect(proved.body).not.toHaveProperty('recoveryCodes');
    expect((await login(user)).status).toBe(200);
    expect(await addressOf(user.phoneId)).toBe(number);
    expect((await verify(user.phoneId, code)).body.code).toBe('device_already_verified');
  });

  test('is told once, with both numbers masked', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    await change(user, number);
    expect(await countEvents(panel, user.userId, 'device.phone_changed')).toBe(0);
    await verify(user.phoneId, await panel.sentCode(user.phoneId));
    const [row, ...more] = await panel.sql<{ id: string; data: object; sealed: Buffer; ref: string; key: Buffer }>(
      `select e.id, e.data - 'apiKeyId' as data, e.personal_sealed as sealed, u.id as ref, u.event_key_sealed as key
       from event e join app_user u on u.id = e.user_ref where e.user_id = $1 and e.type = 'device.phone_changed'`,
      [user.userId],
    );
    if (!row) throw new Error('There is no such event.');
    expect([more, row.data]).toEqual([[], { deviceId: user.phoneId, method: 'sms' }]);
    expect(openPersonal(panel.sealer.open('event-key', row.ref, row.key), row.id, row.sealed)).toEqual({
      deviceName: 'Phone',
      maskedAddress: masked(number),
      formerMaskedAddress: masked(user.phone),
    });
  });

  test('ends the codes that are on their way to the old number', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const challenge = await panel.challenge(user, { deviceId: user.phoneId });
    const old = await panel.sentCode(user.phoneId);
    expect((await verify(user.phoneId, code)).status).toBe(200);
    const answer = await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code: old });
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_expired' } });
    // Another one goes to the new number.
    await panel.passMinute();
    await call('POST', `/v1/challenges/${challenge}/codes`, { deviceId: user.phoneId });
    const fresh = await panel.sentCode(user.phoneId);
    expect(
      (await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code: fresh })).status,
    ).toBe(200);
  });

  test('is not done by a code that went to the old number, nor does its own code log in', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const challenge = await panel.challenge(user, { deviceId: user.phoneId });
    const old = await panel.sentCode(user.phoneId);
    expect(old).not.toBe(code);
    expect((await verify(user.phoneId, old)).body.code).toBe('code_invalid');
    expect((await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code })).body.code).toBe(
      'code_invalid',
    );
    expect((await countersOf(panel, user.phoneId)).wrongCodes).toBe(2);
  });

  test('counts wrong codes against the device, as a login does, and locks it', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    for (const attemptsLeft of [4, 3, 2, 1]) {
      expect((await verify(user.phoneId, otherCode(code))).body).toMatchObject({ code: 'code_invalid', attemptsLeft });
    }
    expect((await verify(user.phoneId, otherCode(code))).body).toMatchObject({
      attemptsLeft: 0,
      lockedUntil: expect.any(String),
    });
    expect(await verify(user.phoneId, code)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('locked');
    expect((await change(user)).body.code).toBe('locked');
    expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(1);
    // The other devices go on.
    expect((await panel.proof(user, 'transaction')).length).toBeGreaterThan(100);
  });

  test('200 guesses at once get five answers', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const answers = await inParallel(200, () => verify(user.phoneId, otherCode(code)), 60);
    const counts = tally(answers);
    expect(counts).toEqual({ '422 code_invalid': 5, '429 locked': 195 });
  });

  test('one right code in 50 parallel calls changes it once', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const counts = tally(await inParallel(50, () => verify(user.phoneId, code)));
    expect(counts['200']).toBe(1);
    expect(await countEvents(panel, user.userId, 'device.phone_changed')).toBe(1);
    expect((await countersOf(panel, user.phoneId)).wrongCodes).toBe(0);
  });

  test('sends the same code again while it lives, to the new number', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    await change(user, number);
    const code = await panel.sentCode(user.phoneId);
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('resend_too_soon');
    await panel.passMinute();
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).status).toBe(202);
    expect(await panel.sentCode(user.phoneId)).toBe(code);
    expect(await addressOf(user.phoneId)).toBe(number);
    await panel.sql('update code set sends = 5 where device_id = $1', [user.phoneId]);
    await panel.passMinute();
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('send_limit_reached');
  });

  test('begun again replaces the number that was waiting', async () => {
    const user = await phoneUser();
    await change(user);
    const first = await panel.sentCode(user.phoneId);
    const number = freshPhone();
    expect((await change(user, number)).status).toBe(200);
    const second = await panel.sentCode(user.phoneId);
    expect((await verify(user.phoneId, first)).body.code).toBe('code_invalid');
    expect((await verify(user.phoneId, second)).body).toMatchObject({ maskedAddress: masked(number) });
  });

  test('begun again while the first is being proved: the proved one is in force or gives way', async () => {
    const user = await phoneUser();
    await change(user);
    const first = await panel.sentCode(user.phoneId);
    const number = freshPhone();
    const proof = await panel.proof(user, 'change_phone');
    const hold = { text: 'select from app_user where external_id = $1 for update', values: [user.userId] };
    const answers = await raceBehind(
      panel,
      hold,
      { waiting: 1, start: () => [put(user.phoneId, number, proof)] },
      { waiting: 2, start: () => [verify(user.phoneId, first)] },
    );
    expect(tally(answers)).toEqual({ '200': 1, '410 enrolment_expired': 1 });
    expect(await show(user.phoneId)).toMatchObject({
      maskedAddress: masked(user.phone),
      pendingPhone: { masked: masked(number) },
    });
  });

  test('dies after 15 minutes, for all to see', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    await panel.sql('update device set pending_expires_at = now() where id = $1', [user.phoneId]);
    expect(await verify(user.phoneId, code)).toMatchObject({
      status: 410,
      body: { code: 'enrolment_expired', detail: expect.stringContaining('Change the number again') },
    });
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('enrolment_expired');
    expect(await show(user.phoneId)).not.toHaveProperty('pendingPhone');
    expect((await login(user)).status).toBe(200);
  });

  test('goes with its device', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const proof = await panel.proof(user, 'remove_device');
    await call('DELETE', `/v1/devices/${user.phoneId}`, undefined, { 'sallyport-proof': proof });
    expect((await verify(user.phoneId, code)).status).toBe(404);
  });

  test('is refused where there is no number to change, or no new one', async () => {
    const user = await phoneUser();
    const proof = await panel.proof(user, 'change_phone');
    const code = async (answer: Promise<Answer>) => (await answer).body.code;
    expect(await code(put(user.deviceId, freshPhone(), proof))).toBe('method_not_allowed');
    expect(await code(put(user.phoneId, '12345', proof))).toBe('phone_invalid');
    expect(await put(user.phoneId, ` ${user.phone.replace('+31', '+31 ')}`, proof)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/phone' }] },
    });
    await setPolicy(user, { phone: { allowedCountries: ['BE'] } });
    expect(await code(put(user.phoneId, freshPhone(), proof))).toBe('country_not_allowed');
    await setPolicy(user, {});
    const add = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const body = { method: 'sms', name: 'New', phone: freshPhone() };
    const { id } = (await call('POST', `${user.path}/devices`, body, add)).body;
    expect(await code(put(id, freshPhone(), proof))).toBe('device_not_verified');
    // None of these has used the proof up.
    expect((await put(user.phoneId, freshPhone(), proof)).status).toBe(200);
  });

  test('T29 takes a proof of its own purpose, of its own user, once', async () => {
    const user = await phoneUser();
    const other = await phoneUser();
    const refused = async (proof: string | undefined, code: string) =>
      expect(await put(user.phoneId, freshPhone(), proof)).toMatchObject({ status: 422, body: { code } });
    await refused(undefined, 'proof_required');
    await refused('a.b.c', 'proof_invalid');
    for (const purpose of [
      'login',
      'add_device',
      'remove_device',
      'disable',
      'regenerate_recovery_codes',
      'transaction',
    ]) {
      await refused(await panel.proof(user, purpose), 'proof_invalid');
    }
    await refused(await panel.proof(other, 'change_phone'), 'proof_invalid');
    const used = await panel.proof(user, 'change_phone');
    expect((await put(user.phoneId, freshPhone(), used)).status).toBe(200);
    await refused(used, 'proof_invalid');
    // 2FA switched off does not open it either.
    await panel.sql('update app_user set two_factor_since = null where external_id = $1', [user.userId]);
    await refused(undefined, 'proof_required');
  });

  test('T29 one proof in 20 parallel calls begins one change', async () => {
    const user = await phoneUser();
    const proof = await panel.proof(user, 'change_phone');
    const counts = tally(await inParallel(20, () => put(user.phoneId, freshPhone(), proof)));
    expect(counts).toEqual({ '200': 1, '422 proof_invalid': 19 });
  });

  test('T17 counts against the new number across the tenant, and against the user and the new number', async () => {
    const number = freshPhone();
    const user = await phoneUser({ code: { resendAfterSeconds: 0, maxSends: 10 } });
    const quota = async () => (await show(user.phoneId)).quota.used;
    const before = await quota();
    for (let sent = 0; sent < 15; sent += 1) expect((await change(user, number)).status).toBe(200);
    expect(await change(user, number)).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded' } });
    // Not the old number's.
    expect(await quota()).toBe(before);
    const stranger = await phoneUser();
    expect((await change(stranger, number)).body.code).toBe('sms_quota_exceeded');
    expect((await change(stranger)).status).toBe(200);
  });
});

describe('phoneDiffers', () => {
  test('tells that the panel knows another number of the user than the device has', async () => {
    const user = await panel.user(undefined, { phone: freshPhone() });
    const { id } = (await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone' })).body;
    expect((await verify(id, await panel.sentCode(id))).body.phoneDiffers).toBe(false);
    const { phone } = (await call('PUT', user.path, { phone: freshPhone() })).body;
    expect(phone).toEqual(expect.any(String));
    expect((await show(id)).phoneDiffers).toBe(true);
    const { devices } = (await call('GET', user.path)).body;
    expect(devices).toMatchObject([{ status: 'verified', phoneDiffers: true }]);
    await call('PUT', user.path, { phone: null });
    expect((await show(id)).phoneDiffers).toBe(false);
  });

  test('is not asked of an app', async () => {
    expect(await show((await panel.totpUser()).deviceId)).not.toHaveProperty('phoneDiffers');
  });
});

describe('a number that was proved on the account', () => {
  const reuse = { phone: { reuseVerifiedOnAccount: true } };
  /** Another user of the same account. */
  async function colleagueOf({ accountId }: TestUser, name: string): Promise<TestUser> {
    const path = `/v1/accounts/${accountId}/users/${name}`;
    expect((await call('PUT', path, {})).status).toBe(200);
    return { accountId, userId: name, path };
  }
  const add = (user: TestUser, phone: string, more: object = {}, headers: Record<string, string> = {}) =>
    call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone, ...more }, headers);
  const deliveriesTo = async (deviceId: string) =>
    (await panel.sql(`select from delivery where device_id = $1 and kind = 'code'`, [deviceId])).length;

  test('needs no second verification, and does all that one does', async () => {
    const owner = await phoneUser(reuse);
    const colleague = await colleagueOf(owner, 'colleague');
    const begun = await call('POST', `${colleague.path}/devices`, { method: 'totp', name: 'App' });
    const added = await add(colleague, owner.phone.replace('+31', '0031 '));
    expect(added).toMatchObject({
      status: 201,
      body: { status: 'verified', isDefault: true, verifiedAt: expect.any(String), enrolmentExpiresAt: null },
    });
    expect(added.body).not.toHaveProperty('send');
    expect(added.body.recoveryCodes).toHaveLength(10);
    expect(await deliveriesTo(added.body.id)).toBe(0);
    expect((await call('GET', colleague.path)).body).toMatchObject({
      twoFactor: { status: 'enabled' },
      recoveryCodesLeft: 10,
      devices: [{ id: added.body.id }],
    });
    expect((await verify(begun.body.id, totp(begun.body.totp.secret))).status).toBe(404);
    for (const type of [
      'device.enrolment_started',
      'device.verified',
      'two_factor.enabled',
      'recovery_codes.generated',
    ]) {
      expect([type, await countEvents(panel, colleague.userId, type)]).toEqual([
        type,
        type === 'device.enrolment_started' ? 2 : 1,
      ]);
    }
    const challenge = await panel.challenge(colleague);
    const code = await panel.sentCode(added.body.id);
    expect((await call('POST', `/v1/challenges/${challenge}/verify`, { code })).status).toBe(200);
  });

  test('is the same for another device of the same user, with the proof that any device takes', async () => {
    const owner = await phoneUser(reuse);
    expect((await add(owner, owner.phone)).body.code).toBe('proof_required');
    const proof = { 'sallyport-proof': await panel.proof(owner, 'add_device') };
    const added = await add(owner, owner.phone, {}, proof);
    expect(added).toMatchObject({ status: 201, body: { status: 'verified', isDefault: false } });
    expect(added.body).not.toHaveProperty('recoveryCodes');
    expect((await add(owner, owner.phone, {}, proof)).body.code).toBe('proof_invalid');
  });

  test.each([
    ['the policy does not say so', async (owner: PhoneUser) => void (await setPolicy(owner, {}))],
    [
      'it is unverified',
      async (owner: PhoneUser) =>
        void (await panel.sql(`update device set status = 'unverified' where id = $1`, [owner.phoneId])),
    ],
    [
      'it is disabled',
      async (owner: PhoneUser) =>
        void (await panel.sql(`update device set status = 'disabled' where id = $1`, [owner.phoneId])),
    ],
    [
      'it was removed',
      async (owner: PhoneUser) => {
        const proof = { 'sallyport-proof': await panel.proof(owner, 'remove_device') };
        expect((await call('DELETE', `/v1/devices/${owner.phoneId}`, undefined, proof)).status).toBe(204);
      },
    ],
    [
      'it has another number now',
      async (owner: PhoneUser) => {
        await change(owner);
        await verify(owner.phoneId, await panel.sentCode(owner.phoneId));
      },
    ],
  ])('needs one where %s', async (_, make) => {
    const owner = await phoneUser(reuse);
    await make(owner);
    const colleague = await colleagueOf(owner, 'colleague');
    expect((await add(colleague, owner.phone)).body).toMatchObject({ status: 'unverified', send: {} });
  });

  test('needs one where the number only waits to be proved', async () => {
    const owner = await phoneUser(reuse);
    const number = freshPhone();
    await change(owner, number);
    expect((await add(await colleagueOf(owner, 'colleague'), number)).body.status).toBe('unverified');
  });

  test('is proved to nobody of another account or tenant', async () => {
    const owner = await phoneUser(reuse);
    const stranger = await panel.user();
    await setPolicy(stranger, reuse);
    expect((await add(stranger, owner.phone)).body.status).toBe('unverified');

    const tenant = await panel.tenant('Other');
    const { accountId, userId, path } = owner;
    await tenant.call('PUT', `/v1/accounts/${accountId}`, {});
    await tenant.call('PUT', `/v1/accounts/${accountId}/policy`, reuse);
    await tenant.call('PUT', path, {});
    const added = await tenant.call('POST', `${path}/devices`, { method: 'sms', name: 'Phone', phone: owner.phone });
    expect({ userId, status: added.body.status }).toEqual({ userId, status: 'unverified' });
  });

  test('keeps to the other rules', async () => {
    const owner = await phoneUser(reuse);
    const colleague = await colleagueOf(owner, 'colleague');
    await setPolicy(owner, { ...reuse, methods: { notAlone: ['sms'] } });
    expect((await add(colleague, owner.phone)).body.code).toBe('method_not_allowed');
    await setPolicy(owner, { ...reuse, phone: { ...reuse.phone, allowedCountries: ['BE'] } });
    expect((await add(colleague, owner.phone)).body.code).toBe('country_not_allowed');
    // Codes that have to be saved first come before everything: then a code is asked for as well.
    await setPolicy(owner, { ...reuse, recoveryCodes: { acknowledgementRequired: true } });
    const added = await add(colleague, owner.phone);
    expect(added.body).toMatchObject({ status: 'unverified', recoveryCodes: expect.any(Array), send: {} });
  });

  test('takes the place of the device that it replaces', async () => {
    const owner = await phoneUser(reuse);
    await setPolicy(owner, { ...reuse, methods: { exclusive: true } });
    const colleague = await colleagueOf(owner, 'colleague');
    const app = await call('POST', `${colleague.path}/devices`, { method: 'totp', name: 'App' });
    const { secret } = app.body.totp;
    await verify(app.body.id, totp(secret));
    const user = { ...colleague, deviceId: app.body.id, secret, recoveryCodes: [] };
    const proof = async () => ({ 'sallyport-proof': await panel.proof(user, 'add_device') });
    expect((await add(colleague, owner.phone, {}, await proof())).body.code).toBe('method_conflict');
    const added = await add(colleague, owner.phone, { replaces: app.body.id }, await proof());
    expect(added).toMatchObject({ status: 201, body: { status: 'verified', isDefault: true } });
    expect((await call('GET', `${colleague.path}/devices`)).body.data).toMatchObject([{ id: added.body.id }]);
    expect(await countEvents(panel, colleague.userId, 'device.removed')).toBe(1);
  });
});
