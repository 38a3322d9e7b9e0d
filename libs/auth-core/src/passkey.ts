import { createHash, createHmac, type KeyObject } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

/** The site that passkeys belong to (WebAuthn L3 §4, relying party). */
export interface RelyingParty {
  /** Domain name. */
  readonly id: string;
  readonly name: string;
  /** Where the ceremony may take place: scheme, host, port. */
  readonly origins: readonly string[];
  readonly userVerification: 'preferred' | 'required';
}

/** What a browser needs to know of a passkey to look for it. */
export interface PasskeyDescriptor {
  /** Base64url, as the authenticator chose it. */
  readonly credentialId: string;
  readonly transports: readonly string[];
}

/** What is stored of a passkey to check its signatures. */
export interface StoredPasskey {
  readonly credentialId: string;
  /** COSE_Key (RFC 9052 §7). */
  readonly publicKey: Uint8Array;
  readonly signCount: number;
  readonly backupEligible: boolean;
}

/** What an assertion tells, to be stored once it has been settled. */
export interface UsedPasskey {
  readonly signCount: number;
  /** Whether it lives on more than one of the user's devices by now. */
  readonly backedUp: boolean;
  /** Whether the authenticator asked for a PIN, a finger or a face. */
  readonly userVerified: boolean;
}

/** What a registration brings. */
export interface NewPasskey extends UsedPasskey, StoredPasskey, PasskeyDescriptor {
  /** Model of the authenticator, where it tells; zeros where not. */
  readonly aaguid: string;
}

/** `RegistrationResponseJSON`, as far as it is looked at (WebAuthn L3 §5.1). */
export interface PasskeyRegistration {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | undefined;
  };
}

/** `AuthenticationResponseJSON`, as far as it is looked at (WebAuthn L3 §5.1). */
export interface PasskeyAssertion {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | null | undefined;
  };
}

/** As `Verdict`: it may be told only after the attempt has been charged, and a `match` counts only if that settled it. */
export type PasskeyVerdict<Passkey extends UsedPasskey> =
  | { readonly result: 'match'; readonly step: null; readonly mac: null; readonly passkey: Passkey }
  /** Signed by the right key, but its counter did not go up: it was copied, or answered twice. */
  | { readonly result: 'replayed' }
  | { readonly result: 'wrong' };

const wrong = { result: 'wrong' } as const;

/** EdDSA, ES256, RS256 (COSE algorithms): what authenticators have. The same list is offered and accepted. */
const algorithms = [-8, -7, -257];

// It takes half a second to load and 25 MB to hold, and many installations never see a passkey.
const library = () => import('@simplewebauthn/server');

/**
 * The 32 bytes that a passkey signs for a device's enrolment or for a challenge: a keyed MAC of its id, so that nothing
 * has to be stored. Whoever lacks the pepper can't tell them from random ones (WebAuthn L3 §13.4.3).
 *
 * @param subjectId id of the device or the challenge, with 80 random bits
 * @returns base64url
 */
export function passkeyChallenge(pepper: KeyObject, subjectId: string): string {
  return createHmac('sha256', pepper).update('sallyport:passkey:').update(subjectId).digest('base64url');
}

/**
 * The name under which authenticators keep a user's passkeys: it tells nothing (WebAuthn L3 §14.6.1), and stays. Not of
 * the pepper: passkeys live for years, and outlive a change of it.
 *
 * @param userRef our own id of the user, with 80 random bits
 * @returns base64url
 */
export function passkeyUserHandle(userRef: string): string {
  return createHash('sha256').update('sallyport:passkey-user:').update(userRef).digest('base64url');
}

/** What the browser passes to `navigator.credentials.create` (WebAuthn L3 §5.4). */
export function passkeyCreationOptions(
  party: RelyingParty,
  pepper: KeyObject,
  enrolment: {
    readonly deviceId: string;
    readonly userRef: string;
    /** Shown by the authenticator beside the passkey. */
    readonly name: string;
    readonly displayName: string;
    readonly others: readonly PasskeyDescriptor[];
    readonly seconds: number;
  },
): PublicKeyCredentialCreationOptionsJSON {
  return {
    rp: { id: party.id, name: party.name },
    user: {
      id: passkeyUserHandle(enrolment.userRef),
      name: enrolment.name,
      displayName: enrolment.displayName,
    },
    challenge: passkeyChallenge(pepper, enrolment.deviceId),
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key' as const, alg })),
    timeout: enrolment.seconds * 1000,
    excludeCredentials: enrolment.others.map(descriptor),
    authenticatorSelection: {
      residentKey: 'preferred',
      requireResidentKey: false,
      userVerification: party.userVerification,
    },
    attestation: 'none',
  };
}

/** What the browser passes to `navigator.credentials.get` (WebAuthn L3 §5.5). */
export function passkeyRequestOptions(
  party: RelyingParty,
  pepper: KeyObject,
  challengeId: string,
  passkeys: readonly PasskeyDescriptor[],
  seconds: number,
): PublicKeyCredentialRequestOptionsJSON {
  return {
    challenge: passkeyChallenge(pepper, challengeId),
    rpId: party.id,
    allowCredentials: passkeys.map(descriptor),
    userVerification: party.userVerification,
    timeout: seconds * 1000,
  };
}

function descriptor({ credentialId, transports }: PasskeyDescriptor) {
  return { type: 'public-key' as const, id: credentialId, transports: [...transports] } as {
    type: 'public-key';
    id: string;
    // Authenticators tell more kinds than the type knows; browsers ignore those that they don't know.
    transports: ('internal' | 'usb')[];
  };
}

/**
 * The only check of a new passkey (WebAuthn L3 §7.1). Pure: whether the credential is somebody's already is for the
 * statement that stores it.
 */
export async function verifyPasskeyRegistration(
  party: RelyingParty,
  pepper: KeyObject,
  deviceId: string,
  response: PasskeyRegistration,
): Promise<PasskeyVerdict<NewPasskey>> {
  const { verifyRegistrationResponse } = await library();
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers');
  const { transports = [], clientDataJSON, attestationObject } = response.response;
  try {
    if (isElsewhere(clientDataJSON)) return wrong;
    // We ask for no attestation, so browsers strip it, except what an authenticator signs by the new key itself (§5.1.3).
    // Certificates would prove nothing without roots to trust, and cost a parser for strangers' and, for makers whose
    // roots the library brings, a look at revocation lists on the network in the middle of a request.
    const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
    const format: string = attestation.get('fmt');
    if (format !== 'none' && (format !== 'packed' || attestation.get('attStmt').get('x5c') !== undefined)) return wrong;
    const checked = await verifyRegistrationResponse({
      response: {
        ...response,
        response: { clientDataJSON, attestationObject },
        clientExtensionResults: {},
      } satisfies RegistrationResponseJSON,
      expectedChallenge: passkeyChallenge(pepper, deviceId),
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserPresence: true,
      requireUserVerification: party.userVerification === 'required',
      supportedAlgorithmIDs: algorithms,
    });
    if (!checked.verified) return wrong;
    const { credential, aaguid, userVerified, credentialDeviceType, credentialBackedUp } = checked.registrationInfo;
    if (credential.id !== response.id) return wrong;
    return {
      result: 'match',
      step: null,
      mac: null,
      passkey: {
        credentialId: credential.id,
        publicKey: credential.publicKey,
        signCount: credential.counter,
        transports,
        backupEligible: credentialDeviceType === 'multiDevice',
        backedUp: credentialBackedUp,
        aaguid,
        userVerified,
      },
    };
  } catch {
    // The library throws for whatever does not hold; its words are for developers of browsers.
    return wrong;
  }
}

/**
 * The only check of a passkey in use (WebAuthn L3 §7.2): login and step-up come here. Pure: it changes nothing.
 *
 * @param userRef our own id of the user whom the challenge is for
 */
export async function verifyPasskeyAssertion(
  party: RelyingParty,
  pepper: KeyObject,
  challengeId: string,
  userRef: string,
  stored: StoredPasskey,
  response: PasskeyAssertion,
): Promise<PasskeyVerdict<UsedPasskey>> {
  const { verifyAuthenticationResponse } = await library();
  const { clientDataJSON, authenticatorData, signature, userHandle } = response.response;
  // §7.2 steps 5 and 6: a credential of the challenge's own user, and no other user's name beside it.
  if (response.id !== stored.credentialId) return wrong;
  if (typeof userHandle === 'string' && userHandle !== passkeyUserHandle(userRef)) return wrong;
  try {
    if (isElsewhere(clientDataJSON)) return wrong;
    const checked = await verifyAuthenticationResponse({
      response: {
        ...response,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      } satisfies AuthenticationResponseJSON,
      expectedChallenge: passkeyChallenge(pepper, challengeId),
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: party.userVerification === 'required',
      // The library looks at the counter before the signature, so anyone could report a copy. Ours is looked at below.
      credential: { id: stored.credentialId, publicKey: Uint8Array.from(stored.publicKey), counter: 0 },
    });
    if (!checked.verified) return wrong;
    const { newCounter, credentialDeviceType, credentialBackedUp, userVerified } = checked.authenticationInfo;
    // §7.2 step 19: whether a passkey may be backed up is settled when it is made.
    if ((credentialDeviceType === 'multiDevice') !== stored.backupEligible) return wrong;
    // §7.2 step 22. Many passkeys count nothing and always say 0.
    const counts = newCounter > 0 || stored.signCount > 0;
    if (counts && newCounter <= stored.signCount) return { result: 'replayed' };
    const passkey = { signCount: newCounter, backedUp: credentialBackedUp, userVerified };
    return { result: 'match', step: null, mac: null, passkey };
  } catch {
    return wrong;
  }
}

/**
 * Whether the ceremony took place in a frame of another site (§7.1 steps 10 and 11, §7.2 steps 13 and 14): a panel's login does not.
 * @throws where it is no JSON
 */
function isElsewhere(clientDataJSON: string): boolean {
  const client = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as {
    readonly crossOrigin?: unknown;
    readonly topOrigin?: unknown;
  };
  return (client.crossOrigin ?? false) !== false || client.topOrigin !== undefined;
}
