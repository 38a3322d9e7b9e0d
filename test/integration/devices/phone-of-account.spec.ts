import { describe, expect, test } from '@jest/globals';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import { countEvents } from '../../support/parallel.js';
import {
  type PhoneUser,
  call,
  change,
  freshPhone,
  panel,
  phoneUser,
  setPolicy,
  show,
  verify,
} from '../../support/phone-people.js';

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
