import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { totp } from '../../support/gateway-harness.js';
import { SoftwareAuthenticator, type Algorithm } from '../../support/software-authenticator.js';
import { readRows } from '../../support/table-rows.js';
import {
  type Owner,
  call,
  check,
  device,
  done,
  enrol,
  events,
  expectWrong,
  open,
  origin,
  owner,
  panel,
  related,
  rpId,
} from '../../support/passkey-owners.js';

async function proofOf({ key, ...user }: Owner, purpose: string) {
  const { id, webauthn } = await open(user, { purpose });
  const { body } = await check(id, { webauthn: key.assert(webauthn, origin) });
  return { 'sallyport-proof': body.proof as string };
}

describe('a passkey', () => {
  test('goes from enrolment to login as its pages tell', async () => {
    const user = await panel.user(panel, { displayName: 'Ada', email: 'ada@panel.example' });
    const added = await enrol(user);
    expect(added).toMatchObject({ status: 'unverified', method: 'webauthn', maskedAddress: null });
    expect(added.webauthn).toEqual({
      rp: { id: rpId, name: 'Panel' },
      user: { id: expect.stringMatching(/^[\w-]{43}$/), name: 'ada@panel.example', displayName: 'Ada' },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 900_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
      attestation: 'none',
    });
    const key = new SoftwareAuthenticator();
    const verified = await done(200, 'POST', `/v1/devices/${added.id}/verify`, {
      webauthn: key.register(added.webauthn, origin),
    });
    expect(verified).toMatchObject({ status: 'verified', isDefault: true, backedUp: false });
    expect(verified.recoveryCodes).toHaveLength(10);
    expect(await done(200, 'GET', user.path)).toMatchObject({ twoFactor: { status: 'enabled' } });

    const challenge = await open(user);
    expect(challenge.webauthn).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId,
      allowCredentials: [{ type: 'public-key', id: key.id, transports: ['internal', 'hybrid'] }],
      userVerification: 'preferred',
      timeout: 600_000,
    });
    key.flags = { ...key.flags, backedUp: true };
    const approved = await check(challenge.id, {
      deviceId: added.id,
      webauthn: key.assert(challenge.webauthn, origin),
    });
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved' } });
    expect(decodeJwt(approved.body.proof)).toMatchObject({ dev: added.id, amr: ['swk', 'user', 'mfa'] });
    expect(await device(added.id)).toEqual({ status: 'verified', wrong: 0, count: 1, backedUp: true });
    expect(await done(200, 'GET', `/v1/devices/${added.id}`)).toMatchObject({
      backedUp: true,
      lastUsedAt: expect.any(String),
    });
    // Ids of one millisecond are in no order.
    expect((await events(user.userId)).toSorted()).toEqual([
      'challenge.approved',
      'challenge.created',
      'device.enrolment_started',
      'device.verified',
      'recovery_codes.generated',
      'two_factor.enabled',
      'user.created',
    ]);
  });

  test.each<[Algorithm, boolean]>([
    ['ES256', true],
    ['EdDSA', true],
    ['RS256', true],
    ['ES256', false],
  ])('of %s, counting %s, logs in again and again', async (algorithm, counts) => {
    const { deviceId, key, ...user } = await owner(new SoftwareAuthenticator(algorithm, counts));
    for (let time = 1; time <= 3; time += 1) {
      const { id, webauthn } = await open(user);
      expect(await check(id, { webauthn: key.assert(webauthn, origin) })).toMatchObject({ status: 200 });
      expect(await device(deviceId)).toMatchObject({ count: counts ? time : 0 });
    }
  });

  test('that its own key attests is taken', async () => {
    const { id, webauthn } = await enrol(await panel.user());
    const key = new SoftwareAuthenticator();
    const answer = key.register(webauthn, origin, key.attestation(webauthn, origin, 'itself'));
    await done(200, 'POST', `/v1/devices/${id}/verify`, { webauthn: answer });
  });

  test('stands beside others, and its answer names it', async () => {
    const first = await owner();
    const step = await open(first, { purpose: 'add_device' });
    const { body } = await check(step.id, { webauthn: first.key.assert(step.webauthn, origin) });
    const added = await enrol(first, { 'sallyport-proof': body.proof });
    expect(added.webauthn.excludeCredentials).toEqual([
      { type: 'public-key', id: first.key.id, transports: ['internal', 'hybrid'] },
    ]);
    const second = new SoftwareAuthenticator('EdDSA');
    await done(200, 'POST', `/v1/devices/${added.id}/verify`, { webauthn: second.register(added.webauthn, origin) });
    const { id, webauthn } = await open(first);
    expect(webauthn).toMatchObject({ allowCredentials: [{ id: first.key.id }, { id: second.id }] });
    const approved = await check(id, { webauthn: second.assert(webauthn, origin) });
    expect(decodeJwt(approved.body.proof)).toMatchObject({ dev: added.id });

    const named = await open(first, { deviceId: first.deviceId });
    expect(named.webauthn).toMatchObject({ allowCredentials: [{ id: first.key.id }] });
    expect(await check(named.id, { webauthn: second.assert(named.webauthn, origin) })).toMatchObject({ status: 400 });
  });

  test.each(['login', 'remove_device', 'change_phone', 'disable', 'regenerate_recovery_codes', 'transaction'])(
    'approves %s',
    async (purpose) => {
      const { key, ...user } = await owner();
      const { id, webauthn } = await open(user, { purpose });
      const { body } = await check(id, { webauthn: key.assert(webauthn, origin, { flags: { userVerified: false } }) });
      expect(decodeJwt(body.proof)).toMatchObject({ purpose, amr: ['swk', 'user'] });
    },
  );

  test('approves the challenge of an enrol decision by its enrolment', async () => {
    const user = await panel.user();
    await done(200, 'PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { required: 'all' } });
    const challenge = await open(user);
    const { id, webauthn } = await enrol(user);
    const { proof } = await done(200, 'POST', `/v1/devices/${id}/verify`, {
      webauthn: new SoftwareAuthenticator().register(webauthn, origin),
      challengeId: challenge.id,
    });
    expect(decodeJwt(proof)).toMatchObject({ chl: challenge.id, dev: id, amr: ['swk', 'user', 'mfa'] });
  });

  test('is used at related origins, and where an application has its own, only there', async () => {
    const { key, ...user } = await owner();
    const plain = await open(user);
    expect(await check(plain.id, { webauthn: key.assert(plain.webauthn, related) })).toMatchObject({ status: 200 });
    const emergency = await open(user, { application: 'emergency' });
    expectWrong(await check(emergency.id, { webauthn: key.assert(emergency.webauthn, origin) }), 1);
    const own = key.assert(emergency.webauthn, `${origin}:8443`);
    expect(await check(emergency.id, { webauthn: own })).toMatchObject({ status: 200 });
    for (const application of ['constructor', '__proto__']) {
      const odd = await open(user, { application });
      expect(await check(odd.id, { webauthn: key.assert(odd.webauthn, origin) })).toMatchObject({ status: 200 });
    }
  });

  test('ends with its device, in open challenges too, and with its user', async () => {
    const first = await owner();
    const proof = await proofOf(first, 'add_device');
    const app = await done(201, 'POST', `${first.path}/devices`, { method: 'totp', name: 'App' }, proof);
    await done(200, 'POST', `/v1/devices/${app.id}/verify`, { code: totp(app.totp.secret) });
    const pending = await open(first);
    const answer = first.key.assert(pending.webauthn, origin);
    await done(204, 'DELETE', `/v1/devices/${first.deviceId}`, undefined, await proofOf(first, 'remove_device'));
    expect(await check(pending.id, { webauthn: answer })).toMatchObject({ status: 400 });
    expect(await check(pending.id, { deviceId: first.deviceId, webauthn: answer })).toMatchObject({ status: 404 });
    expect((await open(first)).webauthn).toBeUndefined();

    const second = await owner();
    await done(204, 'DELETE', second.path);
    const left = await panel.sql('select from webauthn_credential where credential_id = any ($1)', [
      [first.key.id, second.key.id],
    ]);
    expect(left).toEqual([]);
  });
});

describe('an answer that is none', () => {
  const garbage = 'AAAA';

  test('is refused before anything is charged, where its form is wrong', async () => {
    const { key, deviceId, ...user } = await owner();
    const { id, webauthn } = await open(user);
    const good = key.assert(webauthn, origin);
    const before = await readRows(panel);
    for (const [bad, pointer] of [
      [{ ...good, id: undefined }, '/webauthn/id'],
      [{ ...good, id: 'a+b=' }, '/webauthn/id'],
      [{ ...good, id: randomBytes(1024).toString('base64url') }, '/webauthn/id'],
      [{ ...good, type: 'password' }, '/webauthn/type'],
      [{ ...good, response: undefined }, '/webauthn/response'],
      [{ ...good, response: { ...good.response, signature: 1 } }, '/webauthn/response/signature'],
      [{ ...good, response: { ...good.response, signature: 'A'.repeat(2049) } }, '/webauthn/response/signature'],
      [{ ...good, response: { ...good.response, clientDataJSON: '' } }, '/webauthn/response/clientDataJSON'],
    ] as const) {
      const answer = await check(id, { deviceId, webauthn: bad });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    }
    for (const [body, pointer] of [
      [{ deviceId, code: '123456' }, '/code'],
      [{ code: '123456', webauthn: good }, '/webauthn'],
      [{ recoveryCode: 'x', webauthn: good }, '/webauthn'],
    ] as const) {
      expect(await check(id, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    }
    expect(await readRows(panel)).toEqual(before);
    // Fields that a newer browser adds are left out.
    expect(await check(id, { webauthn: { ...good, response: { ...good.response, more: 1 } } })).toMatchObject({
      status: 200,
    });
  });

  test('for a device of another kind is refused before anything is charged', async () => {
    const user = await panel.totpUser();
    const challenge = await panel.challenge(user);
    const made = new SoftwareAuthenticator().assert({ rpId, challenge: garbage }, origin);
    const { id: unproven, webauthn } = await enrol(await panel.user());
    const app = await done(201, 'POST', `${(await panel.user()).path}/devices`, { method: 'totp', name: 'App' });
    const before = await readRows(panel);
    const answer = await check(challenge, { deviceId: user.deviceId, webauthn: made });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/webauthn' }] } });
    const code = await call('POST', `/v1/devices/${unproven}/verify`, { code: '123456' });
    expect(code).toMatchObject({ status: 400, body: { errors: [{ pointer: '/code' }] } });
    const registration = new SoftwareAuthenticator().register(webauthn, origin);
    const passkey = await call('POST', `/v1/devices/${app.id}/verify`, { webauthn: registration });
    expect(passkey).toMatchObject({ status: 400, body: { errors: [{ pointer: '/webauthn' }] } });
    expect(await readRows(panel)).toEqual(before);
  });

  test('is charged, where only its content is wrong', async () => {
    const { key, ...user } = await owner();
    const { id, webauthn } = await open(user);
    const good = key.assert(webauthn, origin);
    let wrong = 0;
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
      const bad = { ...good, response: { ...good.response, [part]: garbage } };
      expectWrong(await check(id, { webauthn: bad }), (wrong += 1));
    }
    const nothing = Buffer.from('null').toString('base64url');
    expectWrong(await check(id, { webauthn: { ...good, response: { ...good.response, clientDataJSON: nothing } } }), 4);

    const added = await enrol(await panel.user());
    const registration = new SoftwareAuthenticator().register(added.webauthn, origin);
    const bad = { ...registration, response: { ...registration.response, attestationObject: garbage } };
    expectWrong(await call('POST', `/v1/devices/${added.id}/verify`, { webauthn: bad }), 1);
  });
});
