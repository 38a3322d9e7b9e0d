import { describe, expect, test } from '@jest/globals';
import { totp } from '../../support/gateway-harness.js';
import { SoftwareAuthenticator } from '../../support/software-authenticator.js';
import {
  addMessage,
  call,
  chargesNothing,
  decide,
  devicesOf,
  freshPhone,
  mail,
  messageUser,
  nist,
  notAllowed,
  panel,
  proofOf,
  recoveryProof,
  send,
  setPolicy,
  sms,
  verify,
} from '../../support/policy-people.js';

const origin = 'http://localhost:3001';
const allowed = (...names: string[]) => ({ methods: { allowed: names } });

describe('a device whose method the policy does not allow any more', () => {
  test('approves nothing, gets no code, is listed as such, and a recovery code leads on', async () => {
    const user = await messageUser();
    const before = await decide(user);
    expect(before.challenge.devices).toMatchObject([{ id: user.deviceId, allowed: true }]);
    const code = await panel.sentCode(user.deviceId);
    await setPolicy(user, nist);

    // Its code was sent while it was allowed.
    await chargesNothing(() => verify(before.challenge.id, { deviceId: user.deviceId, code }));
    await chargesNothing(() => verify(before.challenge.id, { code }));
    await chargesNothing(() => send(before.challenge.id, user.deviceId));

    const { decision, challenge } = await decide(user);
    expect(decision).toBe('challenge');
    expect(challenge).toMatchObject({
      devices: [{ id: user.deviceId, method: 'email', allowed: false, lockedUntil: null }],
      recoveryCodesAvailable: true,
    });
    expect(challenge.send).toBeUndefined();
    await chargesNothing(() => send(challenge.id, user.deviceId));
    await chargesNothing(() => verify(challenge.id, { deviceId: user.deviceId, code: '123456' }));
    expect(await devicesOf(user)).toMatchObject([{ id: user.deviceId, status: 'verified', allowed: false }]);
    expect((await call('GET', user.path)).body.devices).toMatchObject([{ allowed: false }]);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.allowed).toBe(false);
    expect((await verify(challenge.id, { recoveryCode: user.recoveryCodes[0] })).status).toBe(200);

    // The way back: another device by a recovery code. The policy of before is one, too.
    const proof = await recoveryProof(user, user.recoveryCodes[1], 'add_device');
    const app = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' }, proofOf(proof))).body;
    expect((await call('POST', `/v1/devices/${app.id}/verify`, { code: totp(app.totp.secret) })).status).toBe(200);
    expect((await decide(user)).challenge.devices).toMatchObject([{ allowed: false }, { id: app.id, allowed: true }]);
    await setPolicy(user, {});
    expect((await decide(user)).challenge.devices).toMatchObject([{ allowed: true }, { allowed: true }]);
  });

  test('and nothing else: denied with words that lead to the administrator, whatever is asked for', async () => {
    const user = await messageUser(mail(), { recoveryCodes: { count: 0 } });
    await setPolicy(user, { ...nist, supportContact: 'desk', recoveryCodes: { count: 0 } });
    for (const purpose of ['login', 'add_device', 'remove_device', 'change_phone', 'disable', 'transaction']) {
      const denied = await decide(user, { purpose });
      expect(denied).toMatchObject({
        decision: 'deny',
        reason: 'no_usable_device',
        detail: expect.stringMatching(/administrator/),
        userMessage: expect.stringMatching(/administrator.*desk/),
        supportContact: 'desk',
      });
    }
    expect((await decide(user, { purpose: 'api_login' })).reason).toBe('two_factor_user');
    // Nor is there a lock to wait for: it would end in vain.
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    const late = await decide(user);
    expect(late).toMatchObject({ decision: 'deny', reason: 'no_usable_device' });
    expect(late.lockedUntil).toBeUndefined();
    // Also where the company requires what was switched off.
    await setPolicy(user, { recoveryCodes: { count: 0 }, proofRequired: { disable: false } });
    expect((await call('PUT', `${user.path}/two-factor`, { enabled: false })).status).toBe(200);
    await setPolicy(user, { ...nist, twoFactor: { required: 'all' }, recoveryCodes: { count: 0 } });
    expect(await decide(user)).toMatchObject({ decision: 'deny', reason: 'no_usable_device' });
  });

  test('is refused for a step-up as for a login; what a recovery code may approve stays open', async () => {
    const user = await messageUser();
    await setPolicy(user, nist);
    for (const purpose of ['add_device', 'change_phone', 'disable']) {
      const { challenge, reason } = await decide(user, { purpose });
      expect({ reason, challenge }).toMatchObject({ reason: 'step_up', challenge: { recoveryCodesAvailable: true } });
      await chargesNothing(() => send(challenge.id, user.deviceId));
    }
    for (const purpose of ['remove_device', 'regenerate_recovery_codes', 'transaction']) {
      expect(await decide(user, { purpose })).toMatchObject({ decision: 'deny', reason: 'no_usable_device' });
    }
  });

  test('an app: its code is not used up', async () => {
    const user = await panel.totpUser();
    const opened = await panel.challenge(user);
    await setPolicy(user, allowed('sms', 'webauthn'));
    await chargesNothing(() => verify(opened, { code: totp(user.secret) }));
    await setPolicy(user, {});
    expect((await verify(opened, { code: totp(user.secret) })).status).toBe(200);
  });

  test('a passkey: it is not asked for, and its answer does not count', async () => {
    const user = await panel.user();
    const { id, webauthn } = (await call('POST', `${user.path}/devices`, { method: 'webauthn', name: 'Key' })).body;
    const key = new SoftwareAuthenticator();
    await call('POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
    const { challenge } = await decide(user);
    await setPolicy(user, nist);
    expect((await decide(user)).challenge.webauthn).toEqual(expect.any(Object));
    await setPolicy(user, allowed('totp', 'sms'));
    const later = (await decide(user)).challenge;
    expect(later.webauthn).toBeUndefined();
    expect(later.devices).toMatchObject([{ id, allowed: false }]);
    const answer = key.assert(challenge.webauthn, origin);
    await chargesNothing(() => verify(challenge.id, { webauthn: answer }));
    await chargesNothing(() => verify(challenge.id, { deviceId: id, webauthn: answer }));
  });

  test('is passed over where the only other one gets its code at once, and named in vain', async () => {
    const user = await panel.totpUser();
    const byMail = await addMessage(user, mail());
    const byPhone = await addMessage(user, sms());
    await setPolicy(user, allowed('sms'));
    const { challenge } = await decide(user);
    expect(challenge.send).toMatchObject({ deliveryId: expect.any(String) });
    expect(challenge.devices.filter((device: { allowed: boolean }) => device.allowed)).toMatchObject([{ id: byPhone }]);
    // No name is needed for the only one that may answer.
    expect((await verify(challenge.id, { code: await panel.sentCode(byPhone) })).status).toBe(200);

    const named = (await decide(user, { deviceId: byMail })).challenge;
    expect(named).toMatchObject({ devices: [{ id: byMail, allowed: false }], recoveryCodesAvailable: true });
    expect(named.send).toBeUndefined();
    await chargesNothing(() => verify(named.id, { code: '123456' }));
  });

  test('makes no browser trusted: it is asked again, until the policy allows the device', async () => {
    const user = await panel.totpUser();
    const trust = { trustedBrowser: { allowed: true } };
    await setPolicy(user, trust);
    const body = { code: totp(user.secret), rememberBrowser: true };
    const { trustedBrowser } = (await verify(await panel.challenge(user), body)).body;
    await addMessage(user, sms());
    const browsers = async () => (await call('GET', `${user.path}/trusted-browsers`)).body.data.length;
    const reason = async () => (await decide(user, { trustedBrowser })).reason;
    expect([await reason(), await browsers()]).toEqual(['trusted_browser', 1]);
    await setPolicy(user, { ...trust, ...allowed('sms') });
    expect([await reason(), await browsers()]).toEqual(['two_factor_on', 0]);
    await setPolicy(user, trust);
    expect([await reason(), await browsers()]).toEqual(['trusted_browser', 1]);
    // Nor is one trusted for longer than the policy has it now.
    await setPolicy(user, { trustedBrowser: { allowed: true, days: 3 } });
    expect([await reason(), await browsers()]).toEqual(['trusted_browser', 1]);
    await panel.sql(`update trusted_browser set created_at = created_at - interval '4 days' where device_id = $1`, [
      user.deviceId,
    ]);
    expect([await reason(), await browsers()]).toEqual(['two_factor_on', 0]);
  });

  test('gets no new number', async () => {
    const user = await panel.totpUser();
    const id = await addMessage(user, sms());
    const change = async () =>
      call('PUT', `/v1/devices/${id}/phone`, { phone: freshPhone() }, proofOf(await panel.proof(user, 'change_phone')));
    expect((await change()).status).toBe(200);
    const code = await panel.sentCode(id);
    await setPolicy(user, allowed('totp'));
    expect(await change()).toMatchObject(notAllowed);
    await chargesNothing(() => call('POST', `/v1/devices/${id}/verify`, { code }));
    await chargesNothing(() => call('POST', `/v1/devices/${id}/codes`));
  });

  test('is not what two-factor authentication is switched on with', async () => {
    const user = await messageUser(mail(), { proofRequired: { disable: false } });
    expect((await call('PUT', `${user.path}/two-factor`, { enabled: false })).status).toBe(200);
    await setPolicy(user, nist);
    const on = () => call('PUT', `${user.path}/two-factor`, { enabled: true });
    expect(await on()).toMatchObject({ status: 422, body: { code: 'method_not_allowed' } });
    expect(await decide(user)).toEqual({ decision: 'allow', reason: 'two_factor_off' });
    await setPolicy(user, {});
    expect(await on()).toMatchObject({ status: 200, body: { status: 'enabled' } });
  });

  test('is not left behind by a removal, and may itself be removed', async () => {
    const user = await panel.totpUser();
    const id = await addMessage(user, mail());
    await setPolicy(user, nist);
    const remove = async (deviceId: string) =>
      call('DELETE', `/v1/devices/${deviceId}`, undefined, proofOf(await panel.proof(user, 'remove_device')));
    expect(await remove(user.deviceId)).toMatchObject({ status: 409, body: { code: 'last_device' } });
    expect((await remove(id)).status).toBe(204);
  });
});
