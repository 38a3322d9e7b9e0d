import { describe, expect, test } from '@jest/globals';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import { countEvents, raceBehind, tally } from '../../support/parallel.js';
import {
  addWith,
  app,
  call,
  devicesOf,
  holdUser,
  panel,
  phone,
  setPolicy,
  verifyDevice,
} from '../../support/limited-devices.js';

describe('a method that may not stand alone', () => {
  const notAlone = { methods: { notAlone: ['sms'] } };

  test('comes only beside one that may', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, notAlone);
    const added = await addWith(user, phone());
    expect((await verifyDevice(added.body.id, await panel.sentCode(added.body.id))).status).toBe(200);

    expect((await addWith(user, phone({ replaces: user.deviceId }))).body).toMatchObject({
      code: 'method_not_allowed',
      detail: expect.stringContaining('as the only one'),
    });
    const fresh = await panel.user();
    await setPolicy(fresh, notAlone);
    expect((await call('POST', `${fresh.path}/devices`, phone())).body.code).toBe('method_not_allowed');
  });

  test('is not left alone by a removal', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, notAlone);
    const added = await addWith(user, phone());
    await verifyDevice(added.body.id, await panel.sentCode(added.body.id));
    const remove = async (id: string) =>
      call('DELETE', `/v1/devices/${id}`, undefined, { 'sallyport-proof': await panel.proof(user, 'remove_device') });
    expect(await remove(user.deviceId)).toMatchObject({
      status: 409,
      body: { code: 'last_device', detail: expect.stringContaining('not as the only ones') },
    });
    expect((await remove(added.body.id)).status).toBe(204);
    expect((await devicesOf(user)).map(({ id }) => id)).toEqual([user.deviceId]);
  });

  test('a removal against the verification that needs the removed one: one of them wins', async () => {
    for (const order of ['removal first', 'verification first']) {
      const user = await panel.totpUser();
      const mail = await addWith(user, { method: 'email', name: 'Mail', email: 'name@panel.example' });
      await verifyDevice(mail.body.id, await panel.sentCode(mail.body.id));
      await setPolicy(user, { methods: { notAlone: ['sms', 'email'] } });
      const added = await addWith(user, phone());
      const code = await panel.sentCode(added.body.id);
      // 2FA off, as of an account that keeps its devices: then the last one that may stand alone may be removed.
      await panel.sql('update app_user set two_factor_since = null where external_id = $1', [user.userId]);
      const removal = () => [call('DELETE', `/v1/devices/${user.deviceId}`)];
      const verification = () => [verifyDevice(added.body.id, code)];
      const steps = order === 'removal first' ? [removal, verification] : [verification, removal];
      const answers = await raceBehind(
        panel,
        holdUser(user),
        ...steps.map((start, index) => ({ waiting: index + 1, start })),
      );
      expect(tally(answers)).toEqual(
        order === 'removal first' ? { '204': 1, '422 method_not_allowed': 1 } : { '204': 1, '200': 1 },
      );
      const left = (await devicesOf(user)).find(({ id }) => id === added.body.id);
      expect(left.status).toBe(order === 'removal first' ? 'unverified' : 'verified');
    }
  });
});

describe('where recovery codes are to be saved before the first device counts', () => {
  const acknowledge = (user: TestUser) => call('POST', `${user.path}/recovery-codes/acknowledge`);
  async function savingUser(more: object = {}): Promise<TestUser> {
    const user = await panel.user();
    await setPolicy(user, { recoveryCodes: { acknowledgementRequired: true }, ...more });
    return user;
  }

  test('they are shown with the enrolment, and the device waits for "I have saved them"', async () => {
    const user = await savingUser();
    const begun = await call('POST', `${user.path}/devices`, app());
    expect(begun.body.recoveryCodes).toHaveLength(10);
    const { id } = begun.body;
    const code = totp(begun.body.totp.secret);
    for (const attempt of [code, '000000']) {
      expect(await verifyDevice(id, attempt)).toMatchObject({
        status: 409,
        body: { code: 'recovery_codes_not_acknowledged' },
      });
    }
    const [counted] = await panel.sql('select wrong_codes as n, last_used_step as step from device where id = $1', [
      id,
    ]);
    expect(counted).toEqual({ n: 0, step: null });
    // Not in force yet, and no way in.
    expect((await call('GET', `${user.path}/recovery-codes`)).body).toMatchObject({ left: 0, acknowledgedAt: null });
    expect((await call('GET', user.path)).body).toMatchObject({ recoveryCodesLeft: 0 });

    expect((await acknowledge(user)).body.acknowledgedAt).toEqual(expect.any(String));
    const verified = await verifyDevice(id, code);
    expect(verified).toMatchObject({ status: 200, body: { status: 'verified', isDefault: true } });
    expect(verified.body).not.toHaveProperty('recoveryCodes');
    expect((await call('GET', `${user.path}/recovery-codes`)).body).toMatchObject({
      left: 10,
      acknowledgedAt: expect.any(String),
    });
    const login = await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
      recoveryCode: begun.body.recoveryCodes[3],
    });
    expect(login).toMatchObject({ status: 200, body: { recoveryCodesLeft: 9 } });
    expect(await countEvents(panel, user.userId, 'recovery_codes.generated')).toBe(1);
  });

  test('they come by SMS as well, and none with a code that could not be sent', async () => {
    const user = await savingUser({ phone: { smsPerDevicePerDay: 1 } });
    const device = phone();
    const begun = await call('POST', `${user.path}/devices`, device);
    expect(begun.body.recoveryCodes).toHaveLength(10);
    expect((await call('POST', `${user.path}/devices`, device)).body.code).toBe('sms_quota_exceeded');
    await acknowledge(user);
    // The second enrolment was refused, so the first one's codes are the ones.
    expect((await verifyDevice(begun.body.id, await panel.sentCode(begun.body.id))).status).toBe(200);
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
  });

  test('those of a later enrolment take their place, and theirs is the device that counts', async () => {
    const user = await savingUser();
    const first = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    const second = (await call('POST', `${user.path}/devices`, app())).body;
    // What was said of the first set does not hold for the second.
    expect((await verifyDevice(second.id, totp(second.totp.secret))).body.code).toBe('recovery_codes_not_acknowledged');
    await acknowledge(user);
    expect((await verifyDevice(first.id, totp(first.totp.secret))).body).toMatchObject({
      code: 'recovery_codes_not_acknowledged',
      detail: expect.stringContaining('Add the device again'),
    });
    expect((await verifyDevice(second.id, totp(second.totp.secret))).status).toBe(200);
    const use = async (recoveryCode: string) =>
      (await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode })).status;
    expect([await use(first.recoveryCodes[0]), await use(second.recoveryCodes[0])]).toEqual([422, 200]);
  });

  test('they die with their enrolment', async () => {
    const user = await savingUser();
    const begun = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    expect((await call('DELETE', `/v1/devices/${begun.id}`)).status).toBe(204);
    const again = (await call('POST', `${user.path}/devices`, app())).body;
    expect((await verifyDevice(again.id, totp(again.totp.secret))).body.code).toBe('recovery_codes_not_acknowledged');
    await acknowledge(user);
    await verifyDevice(again.id, totp(again.totp.secret));
    const use = async (recoveryCode: string) =>
      (await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode })).status;
    expect([await use(begun.recoveryCodes[0]), await use(again.recoveryCodes[0])]).toEqual([422, 200]);
  });

  test('there are none where the policy has none, nor with a second device', async () => {
    const none = await savingUser({ recoveryCodes: { acknowledgementRequired: true, count: 0 } });
    const begun = (await call('POST', `${none.path}/devices`, app())).body;
    expect(begun).not.toHaveProperty('recoveryCodes');
    const verified = await verifyDevice(begun.id, totp(begun.totp.secret));
    expect(verified.status).toBe(200);
    expect(verified.body).not.toHaveProperty('recoveryCodes');

    const user = await panel.totpUser();
    await setPolicy(user, { recoveryCodes: { acknowledgementRequired: true } });
    const second = await addWith(user, app());
    expect(second.body).not.toHaveProperty('recoveryCodes');
    expect((await verifyDevice(second.body.id, totp(second.body.totp.secret))).status).toBe(200);
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
  });

  test('an enrolment that begins while the first device is verified leaves that one its codes', async () => {
    const user = await savingUser();
    const begun = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    const answers = await raceBehind(
      panel,
      holdUser(user),
      { waiting: 1, start: () => [verifyDevice(begun.id, totp(begun.totp.secret))] },
      { waiting: 2, start: () => [call('POST', `${user.path}/devices`, app())] },
    );
    expect(tally(answers)).toEqual({ '200': 1, '422 proof_required': 1 });
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
    const login = await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
      recoveryCode: begun.recoveryCodes[0],
    });
    expect(login.status).toBe(200);
  });
});

test("an enrolment that wrong codes have disabled before anything was proved stands in nobody's way", async () => {
  const user = await panel.user();
  await setPolicy(user, { lockout: { free: 1, disableAt: 1 } });
  const first = (await call('POST', `${user.path}/devices`, app())).body;
  const code = totp(first.totp.secret);
  const wrong = String((Number(code) + 500_000) % 1_000_000).padStart(6, '0');
  expect((await verifyDevice(first.id, wrong)).status).toBe(422);
  expect((await call('GET', `/v1/devices/${first.id}`)).body.status).toBe('disabled');
  const second = await call('POST', `${user.path}/devices`, app());
  expect(second.status).toBe(201);
  expect((await verifyDevice(second.body.id, totp(second.body.totp.secret))).status).toBe(200);
});
