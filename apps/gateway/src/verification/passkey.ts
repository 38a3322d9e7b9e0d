import type { Policy } from '#contracts';
import type { RelyingParty } from '#auth-core';
import { z } from 'zod';

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w-]+$/, 'must be base64url without padding');

// Objects of browsers: a newer one may add fields (WebAuthn L3 §5.1), which are left out, not refused.
const credential = {
  // 1,023 bytes (WebAuthn L3 §7.1 step 25).
  id: base64url(1364),
  rawId: base64url(1364),
  type: z.literal('public-key'),
};

/** What `navigator.credentials.create` gives, by its `toJSON()`. */
export const registrationResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(8192),
      attestationObject: base64url(16_384),
      transports: z
        .array(
          z
            .string()
            .max(32)
            .regex(/^[\w-]+$/, 'must be the name of a transport'),
        )
        .max(10)
        .optional(),
    }),
  })
  .meta({ id: 'PasskeyRegistration', description: 'RegistrationResponseJSON' });

/** What `navigator.credentials.get` gives, by its `toJSON()`. */
export const assertionResponse = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(8192),
      authenticatorData: base64url(8192),
      signature: base64url(2048),
      userHandle: z.string().max(128).nullish(),
    }),
  })
  .meta({ id: 'PasskeyAssertion', description: 'AuthenticationResponseJSON' });

const descriptors = z.array(
  z.object({ type: z.literal('public-key'), id: z.string(), transports: z.array(z.string()).optional() }),
);
const userVerification = z.enum(['required', 'preferred', 'discouraged']);

/** What a panel hands to `PublicKeyCredential.parseCreationOptionsFromJSON`. */
export const creationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int().min(-65_536).max(-1) })),
    timeout: z.int(),
    excludeCredentials: descriptors,
    authenticatorSelection: z.object({
      residentKey: z.string(),
      requireResidentKey: z.boolean(),
      userVerification,
    }),
    attestation: z.string(),
  })
  .meta({
    id: 'PasskeyCreationOptions',
    description: 'PublicKeyCredentialCreationOptionsJSON: for `navigator.credentials.create`',
  });

/** What a panel hands to `PublicKeyCredential.parseRequestOptionsFromJSON`. */
export const requestOptions = z
  .object({
    challenge: z.string(),
    rpId: z.string(),
    allowCredentials: descriptors,
    userVerification,
    timeout: z.int(),
  })
  .meta({
    id: 'PasskeyRequestOptions',
    description: 'PublicKeyCredentialRequestOptionsJSON: for `navigator.credentials.get`',
  });

/**
 * Where a ceremony for an application may take place.
 * @param application that the challenge, or the API key of an enrolment, names
 */
export function relyingParty({ webauthn }: Policy, application: string | null): RelyingParty {
  const { rpId, rpName, applications, userVerification: wanted } = webauthn;
  const own = application !== null && Object.hasOwn(applications, application) ? applications[application] : undefined;
  // Browsers tell the origin without the slash that people write behind it.
  const origins = (own ?? webauthn.origins).map((address) => new URL(address).origin);
  return { id: rpId, name: rpName, origins, userVerification: wanted };
}
