import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import { SoftwareAuthenticator, type Algorithm, type Changes } from '../../../test/support/software-authenticator.js';
import {
  passkeyCreationOptions,
  passkeyRequestOptions,
  passkeyUserHandle,
  verifyPasskeyAssertion,
  verifyPasskeyRegistration,
  type RelyingParty,
  type StoredPasskey,
} from './passkey.js';

const pepper = createSecretKey(Buffer.alloc(32, 7));
const origin = 'https://panel.example';
const party: RelyingParty = {
  id: 'panel.example',
  name: 'Panel',
  origins: [origin, 'https://desk.panel.example'],
  userVerification: 'preferred',
};
const strict: RelyingParty = { ...party, userVerification: 'required' };
const [deviceId, challengeId, userRef] = ['dev_1', 'chl_1', 'usr_1'];

const enrolment = {
  deviceId,
  userRef,
  name: 'anna@panel.example',
  displayName: 'Anna',
  others: [{ credentialId: 'b3RoZXI', transports: ['usb', 'smart-card'] }],
  seconds: 900,
};
type Creation = Parameters<SoftwareAuthenticator['register']>[0];
const creation = passkeyCreationOptions(party, pepper, enrolment) as Creation;

type Registration = ReturnType<SoftwareAuthenticator['register']>;
const register = (response: Registration, at = party, device = deviceId) =>
  verifyPasskeyRegistration(at, pepper, device, response as Parameters<typeof verifyPasskeyRegistration>[3]);

/** A passkey that the user has registered, as it is stored. */
async function owned(
  key = new SoftwareAuthenticator(),
): Promise<{ key: SoftwareAuthenticator; stored: StoredPasskey }> {
  const verdict = await register(key.register(creation, origin));
  if (verdict.result !== 'match') throw new Error('A good registration was refused.');
  return { key, stored: verdict.passkey };
}

type Request = Parameters<SoftwareAuthenticator['assert']>[0];
const request = passkeyRequestOptions(party, pepper, challengeId, [], 300) as Request;
type Assertion = ReturnType<SoftwareAuthenticator['assert']>;
const assert = (stored: StoredPasskey, response: Assertion, at = party, challenge = challengeId) =>
  verifyPasskeyAssertion(
    at,
    pepper,
    challenge,
    userRef,
    stored,
    response as Parameters<typeof verifyPasskeyAssertion>[5],
  );

describe('what a browser is asked', () => {
  test('by a registration, to the last member', () => {
    expect(passkeyCreationOptions(party, pepper, enrolment)).toEqual({
      rp: { id: 'panel.example', name: 'Panel' },
      user: { id: passkeyUserHandle(userRef), name: 'anna@panel.example', displayName: 'Anna' },
      challenge: createHmac('sha256', pepper).update('sallyport:passkey:dev_1').digest('base64url'),
      pubKeyCredParams: [
        { type: 'public-key', alg: -8 },
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      timeout: 900_000,
      excludeCredentials: [{ type: 'public-key', id: 'b3RoZXI', transports: ['usb', 'smart-card'] }],
      authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
      attestation: 'none',
    });
    expect(passkeyCreationOptions(strict, pepper, enrolment).authenticatorSelection?.userVerification).toBe('required');
  });

  test('by a challenge, to the last member', () => {
    expect(passkeyRequestOptions(strict, pepper, challengeId, enrolment.others, 300)).toEqual({
      challenge: createHmac('sha256', pepper).update('sallyport:passkey:chl_1').digest('base64url'),
      rpId: 'panel.example',
      allowCredentials: [{ type: 'public-key', id: 'b3RoZXI', transports: ['usb', 'smart-card'] }],
      userVerification: 'required',
      timeout: 300_000,
    });
  });

  test('under a name of the user that stays, for ever: another one would make every passkey another user’s', () => {
    const handle = createHash('sha256').update('sallyport:passkey-user:usr_1').digest('base64url');
    expect(passkeyUserHandle(userRef)).toBe(handle);
  });
});

/** One for each step of WebAuthn L3 §7.1 and §7.2 that both have. */
const either: readonly [string, Changes][] = [
  ['another challenge', { client: { challenge: randomBytes(32).toString('base64url') } }],
  ['another origin', { client: { origin: 'https://panel.example.evil.test' } }],
  ['a frame of another site', { client: { crossOrigin: true } }],
  ['a top origin alone', { client: { topOrigin: origin } }],
  ['a word for whether it is a frame', { client: { crossOrigin: 'false' } }],
  ['another relying party', { rpId: 'other.example' }],
  ['nobody present', { flags: { userPresent: false } }],
  ['backed up, but not eligible', { flags: { backupEligible: false, backedUp: true } }],
  ['another raw id', { rawId: randomBytes(32).toString('base64url') }],
];

describe('T31 a registration', () => {
  test.each<[Algorithm]>([['ES256'], ['EdDSA'], ['RS256']])('with %s brings what is stored', async (algorithm) => {
    const key = new SoftwareAuthenticator(algorithm);
    const verdict = await register(key.register(creation, origin));
    expect(verdict).toEqual({
      result: 'match',
      step: null,
      mac: null,
      passkey: {
        credentialId: key.id,
        publicKey: expect.any(Uint8Array),
        signCount: 0,
        transports: ['internal', 'hybrid'],
        backupEligible: true,
        backedUp: false,
        aaguid: '00000000-0000-0000-0000-000000000000',
        userVerified: true,
      },
    });
  });

  test.each<[string, Changes, object]>([
    ['that is synced', { flags: { backedUp: true } }, { backupEligible: true, backedUp: true }],
    ['of one device', { flags: { backupEligible: false } }, { backupEligible: false, backedUp: false }],
    ['whose user was only present', { flags: { userVerified: false } }, { userVerified: false }],
    ['that has counted before', { counter: 41 }, { signCount: 41 }],
  ])('%s says so', async (_, changes, says) => {
    const verdict = await register(new SoftwareAuthenticator().register(creation, origin, changes));
    expect(verdict).toMatchObject({ result: 'match', passkey: says });
  });

  it('may come without transports, and from each of the origins', async () => {
    const { response, ...made } = new SoftwareAuthenticator().register(creation, 'https://desk.panel.example');
    const { transports: _, ...bare } = response;
    const verdict = await register({ ...made, response: bare } as Registration);
    expect(verdict).toMatchObject({ result: 'match', passkey: { transports: [] } });
  });

  it('may leave out whether it is in a frame, as older browsers do', async () => {
    const changes = { client: { crossOrigin: undefined } };
    expect(await register(new SoftwareAuthenticator().register(creation, origin, changes))).toMatchObject({
      result: 'match',
    });
  });

  it('that its own key attests is taken, one that its maker attests is not', async () => {
    const key = new SoftwareAuthenticator();
    const by = (whom: 'itself' | 'maker') => key.register(creation, origin, key.attestation(creation, origin, whom));
    expect(await register(by('itself'))).toMatchObject({ result: 'match' });
    expect(await register(by('maker'))).toEqual({ result: 'wrong' });
  });

  test.each<[string, Changes]>([
    ['the type of an assertion', { client: { type: 'webauthn.get' } }],
    ...either,
    ['an algorithm that was not offered', { alg: -35 }],
    ['an attestation that nobody asks for', { format: 'fido-u2f' }],
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
  ])('with %s is refused', async (_, changes) => {
    expect(await register(new SoftwareAuthenticator().register(creation, origin, changes))).toEqual({
      result: 'wrong',
    });
  });

  it('without user verification is refused where that is required', async () => {
    const made = new SoftwareAuthenticator().register(creation, origin, { flags: { userVerified: false } });
    expect(await register(made, strict)).toEqual({ result: 'wrong' });
    expect(await register(made)).toMatchObject({ result: 'match' });
  });

  it('is for its own device', async () => {
    const made = new SoftwareAuthenticator().register(creation, origin);
    expect(await register(made, party, 'dev_2')).toEqual({ result: 'wrong' });
  });
});

describe('T31 an assertion', () => {
  test.each<[Algorithm]>([['ES256'], ['EdDSA'], ['RS256']])('with %s tells what is stored', async (algorithm) => {
    const { key, stored } = await owned(new SoftwareAuthenticator(algorithm));
    expect(await assert(stored, key.assert(request, origin))).toEqual({
      result: 'match',
      step: null,
      mac: null,
      passkey: { signCount: 1, backedUp: false, userVerified: true },
    });
    const changed = key.assert(request, origin, { flags: { userVerified: false, backedUp: true } });
    expect(await assert({ ...stored, signCount: 1 }, changed)).toMatchObject({
      passkey: { signCount: 2, backedUp: true, userVerified: false },
    });
  });

  test.each<[string, Changes]>([
    ['the type of a registration', { client: { type: 'webauthn.create' } }],
    ...either,
    ['a signature over something else', { tamper: 'signature' }],
    ['authenticator data changed after signing', { tamper: 'authenticatorData' }],
    ['client data changed after signing', { tamper: 'clientDataJSON' }],
    ["another credential's id", { id: randomBytes(32).toString('base64url') }],
    ["another user's handle", { userHandle: passkeyUserHandle('usr_2') }],
    ['an empty handle', { userHandle: '' }],
    ['eligibility for backup given up', { flags: { backupEligible: false } }],
  ])('with %s is refused', async (_, changes) => {
    const { key, stored } = await owned();
    expect(await assert(stored, key.assert(request, origin, changes))).toEqual({ result: 'wrong' });
  });

  it('that becomes eligible for backup is another one', async () => {
    const key = new SoftwareAuthenticator();
    key.flags = { ...key.flags, backupEligible: false };
    const { stored } = await owned(key);
    expect(await assert(stored, key.assert(request, origin, { flags: { backupEligible: true } }))).toEqual({
      result: 'wrong',
    });
  });

  test.each([[undefined], [null]])('with the handle left out as %s is taken', async (userHandle) => {
    const { key, stored } = await owned();
    const { response, ...made } = key.assert(request, origin);
    const bare = { ...made, response: { ...response, userHandle } } as unknown as Assertion;
    expect(await assert(stored, bare)).toMatchObject({ result: 'match' });
  });

  test.each<[number, number, string]>([
    [5, 6, 'match'],
    [5, 5, 'replayed'],
    [5, 4, 'replayed'],
    [5, 0, 'replayed'],
    [0, 0, 'match'],
    [0, 1, 'match'],
  ])('after the counter %i, one of %i is a %s', async (signCount, counter, result) => {
    const { key, stored } = await owned();
    expect(await assert({ ...stored, signCount }, key.assert(request, origin, { counter }))).toMatchObject({ result });
    // Nobody who lacks the key can report a copy.
    const forged = key.assert(request, origin, { counter, tamper: 'signature' });
    expect(await assert({ ...stored, signCount }, forged)).toEqual({ result: 'wrong' });
  });

  it('without user verification is refused where that is required', async () => {
    const { key, stored } = await owned();
    const made = key.assert(request, origin, { flags: { userVerified: false } });
    expect(await assert(stored, made, strict)).toEqual({ result: 'wrong' });
    expect(await assert(stored, made)).toMatchObject({ result: 'match' });
  });

  it('is for its own challenge, by its own key', async () => {
    const { key, stored } = await owned();
    const other = await owned();
    const made = key.assert(request, origin);
    expect(await assert(stored, made, party, 'chl_2')).toEqual({ result: 'wrong' });
    expect(await assert({ ...stored, publicKey: other.stored.publicKey }, made)).toEqual({ result: 'wrong' });
    expect(await assert(stored, key.assert(request, 'https://desk.panel.example'))).toMatchObject({ result: 'match' });
  });
});
