import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { loadKeys, type SigningKey } from '#runtime';
import { ApiDescription } from '../../support/api-description.js';
import { call, panel } from '../../support/described-panel.js';
import { totp, type EnrolledTotp } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

let key: SigningKey;
beforeAll(async () => {
  key = loadKeys(['proof'], { SALLYPORT_KEYS: panel.keyFile }).proof;
});

/** A proof as Sallyport makes it, but for what is changed in the claims of a real one. */
async function forge(claims: JWTPayload, change: Record<string, unknown> = {}, signer = key): Promise<string> {
  const forged = { ...claims, jti: `prf_${Math.random().toString(36).slice(2)}`, ...change };
  return new SignJWT(forged).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: signer.id }).sign(signer.privateKey);
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a proof', () => {
  test('is verified by the published keys, and says what was approved', async () => {
    const user = await panel.totpUser();
    const challengeId = await panel.challenge(user, {
      purpose: 'transaction',
      application: 'panel',
      detail: 'Delete the server',
    });
    const { body } = await call('POST', `/v1/challenges/${challengeId}/verify`, { code: totp(user.secret) });
    const keys = createRemoteJWKSet(new URL(`${panel.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(body.proof, keys, {
      issuer: 'sallyport',
      audience: panel.tenantId,
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: 'sallyport',
      aud: panel.tenantId,
      sub: user.userId,
      acc: user.accountId,
      jti: expect.stringMatching(/^prf_/),
      purpose: 'transaction',
      chl: challengeId,
      dev: user.deviceId,
      amr: ['otp'],
      application: 'panel',
      detail: 'Delete the server',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
    expect(Math.abs(Number(payload.iat) - Date.now() / 1000)).toBeLessThan(15);
  });

  test('names the methods of RFC 8176, and no device where a recovery code approved', async () => {
    const user = await panel.totpUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const { body } = await call('POST', path, { recoveryCode: user.recoveryCodes[0] });
    expect(decodeJwt(body.proof)).toMatchObject({ amr: ['otp'], purpose: 'login' });
    for (const claim of ['dev', 'application']) expect(decodeJwt(body.proof)).not.toHaveProperty(claim);

    const other = await panel.user();
    const added = await call('POST', `${other.path}/devices`, { method: 'sms', name: 'Phone', phone: '+31652000001' });
    await call('POST', `/v1/devices/${added.body.id}/verify`, { code: await panel.sentCode(added.body.id) });
    const id = await panel.challenge(other);
    const approved = await call('POST', `/v1/challenges/${id}/verify`, { code: await panel.sentCode(added.body.id) });
    expect(decodeJwt(approved.body.proof)).toMatchObject({ amr: ['otp', 'sms'], dev: added.body.id });
  });

  test('is of a key whose private part is not published', async () => {
    const { body } = await call('GET', '/.well-known/jwks.json');
    const user = await panel.totpUser();
    const proof = await panel.proof(user, 'login');
    expect(body.keys).toEqual([
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: expect.any(String),
        kid: decodeProtectedHeader(proof).kid,
        alg: 'EdDSA',
        use: 'sig',
      },
    ]);
  });
});

async function addApp(user: EnrolledTotp): Promise<void> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' }, headers))
    .body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) })).status).toBe(200);
}

interface Protected {
  readonly purpose: string;
  readonly act: (user: EnrolledTotp, headers: Record<string, string>) => Promise<Answer>;
  readonly done: number;
  /** What it takes besides a verified app. */
  readonly prepare?: (user: EnrolledTotp) => Promise<void>;
  /** What makes the call possible again after it was done, so that nothing but the used proof stands in its way. */
  readonly renew?: (user: EnrolledTotp) => Promise<unknown>;
}

let numbers = 0;
/** A number that no call has used yet. */
const number = () => `+316200${String((numbers += 1)).padStart(5, '0')}`;
/** Phones by their users. */
const phones = new Map<string, string>();

/** Every call that takes a proof. */
const protectedCalls: Record<string, Protected> = {
  'POST /v1/accounts/{accountId}/users/{userId}/devices': {
    purpose: 'add_device',
    act: (user, headers) => call('POST', `${user.path}/devices`, { method: 'totp', name: 'Another' }, headers),
    done: 201,
  },
  'DELETE /v1/devices/{deviceId}': {
    purpose: 'remove_device',
    act: (user, headers) => call('DELETE', `/v1/devices/${user.deviceId}`, undefined, headers),
    done: 204,
    // The last one could not go.
    prepare: (user) => addApp(user),
  },
  'PUT /v1/devices/{deviceId}/phone': {
    purpose: 'change_phone',
    act: (user, headers) => call('PUT', `/v1/devices/${phones.get(user.userId)}/phone`, { phone: number() }, headers),
    done: 200,
    prepare: async (user) => {
      const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
      const body = { method: 'sms', name: 'Phone', phone: number() };
      const { id } = (await call('POST', `${user.path}/devices`, body, headers)).body;
      expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
      phones.set(user.userId, id);
    },
  },
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': {
    purpose: 'disable',
    act: (user, headers) => call('PUT', `${user.path}/two-factor`, { enabled: false }, headers),
    done: 200,
    renew: (user) => call('PUT', `${user.path}/two-factor`, { enabled: true }),
  },
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes': {
    purpose: 'regenerate_recovery_codes',
    act: (user, headers) => call('POST', `${user.path}/recovery-codes`, undefined, headers),
    done: 201,
  },
};

const purposes = [
  'login',
  'api_login',
  'add_device',
  'remove_device',
  'change_phone',
  'disable',
  'regenerate_recovery_codes',
  'transaction',
];

describe('T29: every call that takes a proof', () => {
  test('is in this table', async () => {
    const { operations } = ApiDescription.read();
    const taking = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'Sallyport-Proof'));
    expect(Object.keys(protectedCalls).toSorted()).toEqual(taking.map((operation) => operation.key).toSorted());
  });

  test.each(Object.entries(protectedCalls))('%s', async (_, { purpose, act, done, prepare, renew }) => {
    const user = await panel.totpUser();
    await prepare?.(user);
    const neighbour = await panel.totpUser();
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const publicKey = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' });
    const real = await panel.proof(user, purpose);
    const base = decodeJwt(real);
    const valid = await forge(base);
    const [header = '', claims = '', signature = ''] = valid.split('.');
    const others = await panel.proof(neighbour, purpose);
    const login = await panel.proof(user, 'login');
    const proofs: [string, string][] = [
      ["another user's", others],
      ["another user's of the same id in another account", await forge(base, { acc: neighbour.accountId })],
      ['of another tenant', await forge(base, { aud: (await panel.tenant()).tenantId })],
      ['expired', await forge(base, { iat: 1_700_000_000, exp: 1_700_000_300 })],
      ['just expired', await forge(base, { exp: Math.floor(Date.now() / 1000) - 1 })],
      ['of a challenge that there is not', await forge(base, { chl: 'chl_forged' })],
      ['of a challenge that is pending', await forge(base, { chl: await panel.challenge(user, { purpose }) })],
      ['of a challenge for something else', await forge(base, { chl: decodeJwt(login)['chl'] })],
      ["of another user's challenge", await forge(base, { chl: decodeJwt(others)['chl'] })],
      ['without a challenge', await forge(base, { chl: undefined })],
      ['of another device', await forge(base, { dev: neighbour.deviceId })],
      ['of a recovery code', await forge(base, { dev: undefined })],
      ['without an end', await forge(base, { exp: undefined })],
      ['without an id', await forge(base, { jti: undefined })],
      ['not valid yet', await forge(base, { nbf: Math.floor(Date.now() / 1000) + 60 })],
      ['of another issuer', await forge(base, { iss: 'other' })],
      ['of another key', await forge(base, {}, { id: key.id, privateKey: stranger })],
      ['unsigned', `${encode({ alg: 'none' })}.${claims}.`],
      ['without its signature', `${header}.${claims}.`],
      ['with claims of its own', `${header}.${encode({ ...decodeJwt(valid), sub: 'root' })}.${signature}`],
      [
        'signed with the public key as a secret',
        await new SignJWT({ ...decodeJwt(valid) }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(publicKey)),
      ],
      ['two at once', `${valid}, ${valid}`],
      ['empty', ''],
      ['no JWT', 'proof'],
    ];
    for (const other of purposes.filter((each) => each !== purpose)) {
      proofs.push([`for ${other}`, await forge(base, { purpose: other })]);
    }

    const before = await readRows(panel);
    expect(await act(user, {})).toMatchObject({ status: 422, body: { code: 'proof_required' } });
    for (const [what, proof] of proofs) {
      const { status, body } = await act(user, { 'sallyport-proof': proof });
      expect({ what, status, code: body.code }).toEqual({ what, status: 422, code: 'proof_invalid' });
    }
    expect(await readRows(panel)).toEqual(before);

    // The forged ones fail for what is wrong in them, not for being forged.
    expect((await act(user, { 'sallyport-proof': real })).status).toBe(done);
    await renew?.(user);
    const again = await act(user, { 'sallyport-proof': real });
    expect([404, 422]).toContain(again.status);
    if (again.status === 422) expect(again.body.code).toBe('proof_invalid');
  });

  test('takes one that is right in all, wherever it was signed', async () => {
    const user = await panel.totpUser();
    const claims = decodeJwt(await panel.proof(user, 'regenerate_recovery_codes'));
    const headers = { 'sallyport-proof': await forge(claims) };
    expect((await call('POST', `${user.path}/recovery-codes`, undefined, headers)).status).toBe(201);
  });

  test('removes one device with one proof, and the last one with none', async () => {
    const user = await panel.totpUser();
    await addApp(user);
    await addApp(user);
    const [last, first, second] = (await call('GET', `${user.path}/devices`)).body.data;
    const remove = (device: { id: string }, proof: string) =>
      call('DELETE', `/v1/devices/${device.id}`, undefined, { 'sallyport-proof': proof });
    const proof = await panel.proof(user, 'remove_device');
    expect((await remove(first, proof)).status).toBe(204);
    expect(await remove(second, proof)).toMatchObject({ status: 422, body: { code: 'proof_invalid' } });
    expect((await remove(second, await panel.proof(user, 'remove_device'))).status).toBe(204);
    // What is refused for another reason leaves the proof unused.
    const unused = await panel.proof(user, 'remove_device');
    expect(await remove(last, unused)).toMatchObject({ status: 409, body: { code: 'last_device' } });
    expect(await panel.sql('select from used_proof where id = $1', [decodeJwt(unused).jti])).toHaveLength(0);
  });

  test('needs none where there is nothing to protect', async () => {
    const user = await panel.user();
    const first = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'First' });
    const second = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect((await call('DELETE', `/v1/devices/${first.body.id}`)).status).toBe(204);
  });

  test('needs none to remove a device where the policy says so', async () => {
    const user = await panel.totpUser();
    await addApp(user);
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { proofRequired: { removeDevice: false } });
    expect((await call('DELETE', `/v1/devices/${user.deviceId}`)).status).toBe(204);
  });
});
