import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, type Call, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { SoftwareAuthenticator, type Algorithm, type Changes } from '../../support/software-authenticator.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

const origin = 'https://panel.example';
const related = 'https://panel.example.net';
const rpId = 'panel.example';

let panel: TestPanel;
let call: Call;

beforeAll(async () => {
  panel = await startPanel();
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
  await done(200, 'PUT', '/v1/policy', {
    webauthn: {
      rpId,
      rpName: 'Panel',
      origins: [origin, `${related}/`],
      applications: { emergency: [`${origin}:8443`] },
    },
  });
});
afterAll(() => panel.stop());

async function done(status: number, ...made: Parameters<Call>) {
  const answer = await call(...made);
  expect(answer).toMatchObject({ status });
  return answer.body;
}

const enrol = async (user: TestUser, headers = {}) =>
  done(201, 'POST', `${user.path}/devices`, { method: 'webauthn', name: 'Key' }, headers);

interface Owner extends TestUser {
  readonly deviceId: string;
  readonly key: SoftwareAuthenticator;
}

/** A user whose only device is a passkey. */
async function owner(key = new SoftwareAuthenticator()): Promise<Owner> {
  const user = await panel.user();
  const { id, webauthn } = await enrol(user);
  await done(200, 'POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
  return { ...user, deviceId: id, key };
}

async function open({ accountId, userId }: TestUser, more: object = {}) {
  const { challenge } = await done(201, 'POST', '/v1/challenges', { accountId, userId, ...more });
  return challenge as { id: string; webauthn: Parameters<SoftwareAuthenticator['assert']>[0] };
}

const check = (challengeId: string, body: object) => call('POST', `/v1/challenges/${challengeId}/verify`, body);

const device = async (id: string) => {
  const [row] = await panel.sql(
    `select d.status, d.wrong_codes as wrong, w.sign_count as count, w.backed_up as "backedUp"
     from device d left join webauthn_credential w on w.device_id = d.id where d.id = $1`,
    [id],
  );
  return row;
};

const events = async (userId: string) =>
  (await panel.sql<{ type: string }>(`select type from event where user_id = $1 order by id`, [userId])).map(
    ({ type }) => type,
  );

const expectWrong = (answer: Answer, wrong: number) =>
  expect(answer).toMatchObject({ status: 422, body: { code: 'code_invalid', attemptsLeft: 5 - wrong } });

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

async function proofOf({ key, ...user }: Owner, purpose: string) {
  const { id, webauthn } = await open(user, { purpose });
  const { body } = await check(id, { webauthn: key.assert(webauthn, origin) });
  return { 'sallyport-proof': body.proof as string };
}

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
