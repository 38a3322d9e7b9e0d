import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SoftwareAuthenticator, type Changes } from '../../support/software-authenticator.js';
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
} from '../../support/passkey-owners.js';

const noVerification = { flags: { userVerified: false } } as const;

/** Mutations that both ceremonies have in common: one for each step of WebAuthn L3 §7.1 and §7.2. */
const either: readonly [string, Changes][] = [
  ['another challenge', { client: { challenge: randomBytes(32).toString('base64url') } }],
  ['no challenge', { client: { challenge: undefined } }],
  ['another origin', { client: { origin: 'https://panel.example.evil.test' } }],
  ['a sub-domain of the origin', { client: { origin: 'https://x.panel.example' } }],
  ['the origin over http', { client: { origin: 'http://panel.example' } }],
  ['another port of the origin', { client: { origin: `${origin}:444` } }],
  ['a frame of another site', { client: { crossOrigin: true } }],
  ['a frame of another site, named', { client: { crossOrigin: true, topOrigin: 'https://evil.test' } }],
  ['a top origin alone', { client: { topOrigin: origin } }],
  ["another tenant's relying party", { rpId: 'other.example' }],
  ['nobody present', { flags: { userPresent: false } }],
  ['backed up, but not eligible', { flags: { backupEligible: false, backedUp: true } }],
  ['another raw id', { rawId: randomBytes(32).toString('base64url') }],
];

describe('T31 registration', () => {
  const mutations: readonly [string, Changes][] = [
    ['the type of an assertion', { client: { type: 'webauthn.get' } }],
    ...either,
    ['an algorithm that was not offered', { alg: -35 }],
    ['an unknown attestation', { format: 'own' }],
    [
      'an attestation by another key',
      {
        format: 'packed',
        statement: new Map<string, number | Uint8Array>([
          ['alg', -7],
          ['sig', new Uint8Array(64)],
        ]),
      },
    ],
    ['a statement where there is no attestation', { statement: new Map([['sig', new Uint8Array(64)]]) }],
    ["another credential's id", { attestedId: randomBytes(32) }],
  ];
  test.each(mutations)('T31 with %s is refused and charged', async (_, changes) => {
    const { id, webauthn } = await enrol(await panel.user());
    const key = new SoftwareAuthenticator();
    const path = `/v1/devices/${id}/verify`;
    expectWrong(await call('POST', path, { webauthn: key.register(webauthn, origin, changes) }), 1);
    expect(await device(id)).toEqual({ status: 'unverified', wrong: 1, count: null, backedUp: null });
    await done(200, 'POST', path, { webauthn: key.register(webauthn, origin) });
  });

  test('T31 with an attestation by certificates is refused and charged', async () => {
    const { id, webauthn } = await enrol(await panel.user());
    const key = new SoftwareAuthenticator();
    const path = `/v1/devices/${id}/verify`;
    const attested = key.register(webauthn, origin, key.attestation(webauthn, origin, 'maker'));
    expectWrong(await call('POST', path, { webauthn: attested }), 1);
    await done(200, 'POST', path, { webauthn: key.register(webauthn, origin) });
  });

  test('T31 without user verification is refused where the policy asks for it', async () => {
    const user = await panel.user();
    await done(200, 'PUT', `/v1/accounts/${user.accountId}/policy`, { webauthn: { userVerification: 'required' } });
    const { id, webauthn } = await enrol(user);
    expect(webauthn.authenticatorSelection.userVerification).toBe('required');
    const key = new SoftwareAuthenticator();
    const path = `/v1/devices/${id}/verify`;
    expectWrong(await call('POST', path, { webauthn: key.register(webauthn, origin, noVerification) }), 1);
    await done(200, 'POST', path, { webauthn: key.register(webauthn, origin) });
  });

  test('T31 is good for its own device, once', async () => {
    const [user, other] = [await panel.user(), await panel.user()];
    const [mine, again, theirs] = [await enrol(user), await enrol(user), await enrol(other)];
    const key = new SoftwareAuthenticator();
    const answer = { webauthn: key.register(mine.webauthn, origin) };
    expectWrong(await call('POST', `/v1/devices/${again.id}/verify`, answer), 1);
    expectWrong(await call('POST', `/v1/devices/${theirs.id}/verify`, answer), 1);
    await done(200, 'POST', `/v1/devices/${mine.id}/verify`, answer);
    const replayed = await call('POST', `/v1/devices/${mine.id}/verify`, answer);
    expect(replayed).toMatchObject({ status: 409, body: { code: 'device_already_verified' } });
  });

  test("T31 of another user's credential is refused; another tenant has its own", async () => {
    const { key } = await owner();
    const { id, webauthn } = await enrol(await panel.user());
    const taken = await call('POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
    expect(taken).toMatchObject({ status: 422, body: { code: 'code_already_used', attemptsLeft: 4 } });
    expect(await device(id)).toEqual({ status: 'unverified', wrong: 1, count: null, backedUp: null });

    const tenant = await panel.tenant();
    const body = { method: 'webauthn', name: 'Key' };
    const added = await tenant.call('POST', `${(await panel.user(tenant)).path}/devices`, body);
    const elsewhere = key.register(added.body.webauthn, 'http://localhost:3001');
    const verified = await tenant.call('POST', `/v1/devices/${added.body.id}/verify`, { webauthn: elsewhere });
    expect(verified).toMatchObject({ status: 200 });
  });

  test('T31 of one credential for ten users at once: one has it', async () => {
    const key = new SoftwareAuthenticator();
    const enrolments = [];
    for (let n = 0; n < 10; n += 1) enrolments.push(await enrol(await panel.user()));
    const answers = await Promise.all(
      enrolments.map(({ id, webauthn }) =>
        call('POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 422)]);
  });
});

describe('T31 assertion', () => {
  let user: Owner;
  beforeAll(async () => {
    user = await owner();
  });
  beforeEach(() => panel.sql('update device set wrong_codes = 0, locked_until = null where id = $1', [user.deviceId]));

  const mutations: readonly [string, Changes][] = [
    ['the type of a registration', { client: { type: 'webauthn.create' } }],
    ...either,
    ['a signature over something else', { tamper: 'signature' }],
    ['authenticator data changed after signing', { tamper: 'authenticatorData' }],
    ['client data changed after signing', { tamper: 'clientDataJSON' }],
    ["another credential's id", { id: randomBytes(32).toString('base64url') }],
    ["another user's handle", { userHandle: randomBytes(32).toString('base64url') }],
    ['an empty handle', { userHandle: '' }],
    ['eligibility for backup given up', { flags: { backupEligible: false } }],
  ];
  test.each(mutations)('T31 with %s is refused and charged', async (_, changes) => {
    const { id, webauthn } = await open(user);
    const { deviceId, key } = user;
    const before = await device(deviceId);
    const made = key.assert(webauthn, origin, changes);
    expectWrong(await check(id, { deviceId, webauthn: made }), 1);
    expect(await device(deviceId)).toEqual({ ...before, wrong: 1 });
    expect(await check(id, { deviceId, webauthn: key.assert(webauthn, origin) })).toMatchObject({ status: 200 });
  });

  test('T31 without user verification is refused where the policy asks for it', async () => {
    const { key, ...asked } = await owner();
    await done(200, 'PUT', `/v1/accounts/${asked.accountId}/policy`, { webauthn: { userVerification: 'required' } });
    const { id, webauthn } = await open(asked);
    expectWrong(await check(id, { webauthn: key.assert(webauthn, origin, noVerification) }), 1);
    expect(await check(id, { webauthn: key.assert(webauthn, origin) })).toMatchObject({ status: 200 });
  });

  test('T31 by an unknown credential, or by one of another user, is refused', async () => {
    const other = await owner();
    const { id, webauthn } = await open(user);
    for (const key of [new SoftwareAuthenticator(), other.key]) {
      const made = key.assert(webauthn, origin, { userHandle: '' });
      const before = await readRows(panel);
      expect(await check(id, { webauthn: made })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(await check(id, { deviceId: other.deviceId, webauthn: made })).toMatchObject({ status: 404 });
      expect(await readRows(panel)).toEqual(before);
    }
    // With the right credential's name on it.
    const named = other.key.assert(webauthn, origin, { id: user.key.id });
    expectWrong(await check(id, { webauthn: named }), 1);
    expectWrong(await check(id, { deviceId: user.deviceId, webauthn: other.key.assert(webauthn, origin) }), 2);
    expect(await device(other.deviceId)).toMatchObject({ wrong: 0 });
  });

  test('T31 is good for its own challenge, once', async () => {
    const [first, second] = [await open(user), await open(user)];
    const made = { webauthn: user.key.assert(first.webauthn, origin) };
    expectWrong(await check(second.id, made), 1);
    expect(await check(first.id, made)).toMatchObject({ status: 200 });
    expect(await check(first.id, made)).toMatchObject({ status: 409, body: { code: 'challenge_not_pending' } });
  });

  test.each([true, false])('T31 20 times at once, counting %s, is accepted once', async (counts) => {
    const { key, ...racer } = await owner(new SoftwareAuthenticator('ES256', counts));
    const { id, webauthn } = await open(racer);
    const made = { webauthn: key.assert(webauthn, origin) };
    const answers = await Promise.all(Array.from({ length: 20 }, () => check(id, made)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await device(racer.deviceId)).toMatchObject({ wrong: 0 });
  });

  test.each([
    ['repeated', 2],
    ['behind', 1],
    ['back at 0', 0],
  ])('T31 with a counter that is %s is refused and recorded as replayed', async (_, counter) => {
    const { key, deviceId, ...copied } = await owner();
    for (let time = 0; time < 2; time += 1) {
      const { id, webauthn } = await open(copied);
      await done(200, 'POST', `/v1/challenges/${id}/verify`, { webauthn: key.assert(webauthn, origin) });
    }
    const { id, webauthn } = await open(copied);
    const answer = await check(id, { webauthn: key.assert(webauthn, origin, { counter }) });
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_already_used', attemptsLeft: 4 } });
    expect(answer.body.detail).toMatch(/counter/);
    expect(await device(deviceId)).toMatchObject({ wrong: 1, count: 2 });
    expect((await events(copied.userId)).at(-1)).toBe('challenge.replayed');
    // Nobody who lacks the key can report a copy.
    const forged = key.assert(webauthn, origin, { counter, tamper: 'signature' });
    expect(await check(id, { webauthn: forged })).toMatchObject({ body: { code: 'code_invalid' } });
    expect((await events(copied.userId)).at(-1)).toBe('challenge.rejected');
  });

  test('T31 of one counter for five challenges at once is accepted once', async () => {
    const { key, ...copied } = await owner();
    const challenges = await Promise.all(Array.from({ length: 5 }, () => open(copied)));
    const made = challenges.map(({ id, webauthn }) => ({ id, webauthn: key.assert(webauthn, origin, { counter: 7 }) }));
    const answers = await Promise.all(made.map(({ id, webauthn }) => check(id, { webauthn })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('T31 wrong five times locks the passkey, not the recovery codes', async () => {
    const { key, deviceId, ...locked } = await owner();
    const { id, webauthn } = await open(locked);
    const spare = await open(locked);
    const tampered = () => key.assert(webauthn, origin, { tamper: 'signature' });
    for (let wrong = 1; wrong < 5; wrong += 1) expectWrong(await check(id, { webauthn: tampered() }), wrong);
    expect(await check(id, { webauthn: tampered() })).toMatchObject({ body: { attemptsLeft: 0 } });
    const right = await check(spare.id, { webauthn: key.assert(spare.webauthn, origin) });
    expect(right).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect((await open(locked)).webauthn).toBeUndefined();
    expect(await device(deviceId)).toMatchObject({ wrong: 5, count: 0 });
  });
});
