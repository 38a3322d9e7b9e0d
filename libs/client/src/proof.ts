import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Schemas } from './calls.js';
import { SallyportError } from './sallyport-error.js';

export type Purpose = Schemas['Challenge']['purpose'];

/** What a proof says about an approved challenge. */
export interface ProofClaims {
  /** Of this proof alone: keep it where a proof must not count twice. */
  readonly id: string;
  readonly tenantId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly purpose: Purpose;
  readonly challengeId: string;
  /** The front door that asked; null where none was named. */
  readonly application: string | null;
  /** Null where a recovery code approved. */
  readonly deviceId: string | null;
  /** How the user was authenticated (RFC 8176). */
  readonly amr: readonly string[];
  /** What the user was shown and confirmed, of a `transaction`. */
  readonly detail: string | null;
  /** What was paid, and to whom, where the challenge named it. */
  readonly transaction: {
    readonly amount: { readonly value: string; readonly currency: string };
    readonly payee: string;
  } | null;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Whom and what a proof has to be for. */
export interface ExpectedProof {
  readonly accountId: string;
  readonly userId: string;
  readonly purpose: Purpose;
  /** The challenge that was opened for this. Give it wherever you know it: an old proof then counts for nothing. */
  readonly challengeId?: string | undefined;
  /** The front door that asked. Give it where a tenant has several: what opens one then does not open another. */
  readonly application?: string | undefined;
}

const issuer = 'sallyport';

/** Seconds that the clocks of panel and Sallyport may differ. */
const clockTolerance = 5;

/**
 * An unknown key is asked for again at once, but for what comes in the same second: proofs come from Sallyport's own
 * answers, so no stranger can have keys fetched at will, and after a change of keys nobody is to wait.
 */
const cooldownMs = 1000;

/** The public keys at `/.well-known/jwks.json`, fetched when first needed and kept for ten minutes. */
export function remoteKeys(url: URL, fetch: (request: Request) => Promise<Response>, timeoutMs: number) {
  return createRemoteJWKSet(url, {
    cooldownDuration: cooldownMs,
    timeoutDuration: timeoutMs,
    [customFetch]: (address, options) => fetch(new Request(address, options)),
  });
}

/**
 * @param tenantId undefined where the panel does not know its own
 * @throws {SallyportError} `proof_invalid`; `unavailable` where the keys cannot be fetched
 */
export async function readProof(
  proof: string | null | undefined,
  expected: ExpectedProof,
  keys: JWTVerifyGetKey,
  tenantId: string | undefined,
): Promise<ProofClaims> {
  if (typeof proof !== 'string' || proof === '') throw invalid('There is no proof.');
  const claims = claimsOf(await payloadOf(proof, keys, tenantId));
  const { accountId, userId, purpose, challengeId, application } = expected;
  if (claims.accountId !== accountId || claims.userId !== userId) throw invalid('The proof is of another user.');
  if (claims.purpose !== purpose) throw invalid(`The proof is for "${claims.purpose}", not for "${purpose}".`);
  if (challengeId !== undefined && claims.challengeId !== challengeId) {
    throw invalid('The proof is of another challenge.');
  }
  if (application !== undefined && claims.application !== application) {
    throw invalid('The proof is of another application.');
  }
  return claims;
}

async function payloadOf(proof: string, keys: JWTVerifyGetKey, tenantId: string | undefined): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(proof, keys, {
      algorithms: ['EdDSA'],
      issuer,
      ...(tenantId === undefined ? {} : { audience: tenantId }),
      clockTolerance,
      requiredClaims: ['jti', 'sub', 'aud', 'acc', 'purpose', 'chl', 'iat', 'exp'],
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw invalid('The proof has expired.', cause);
    if (isAboutKeys(cause)) {
      const detail = 'The keys of the proofs cannot be read.';
      throw new SallyportError({ code: 'unavailable', status: 503, title: 'Unavailable', detail }, { cause });
    }
    throw invalid('The proof is none of Sallyport for this tenant.', cause);
  }
}

/** The set of keys could not be had, whatever the proof may be. */
function isAboutKeys(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC'
  );
}

function claimsOf(payload: JWTPayload): ProofClaims {
  const { jti, sub, aud, iat = 0, exp = 0, acc, purpose, chl, application, dev, amr, detail, amount, payee } = payload;
  return {
    id: text(jti),
    tenantId: text(aud),
    accountId: text(acc),
    userId: text(sub),
    purpose: text(purpose) as Purpose,
    challengeId: text(chl),
    application: application === undefined ? null : text(application),
    deviceId: dev === undefined ? null : text(dev),
    amr: Array.isArray(amr) ? amr.map(text) : [],
    detail: detail === undefined ? null : text(detail),
    transaction: payee === undefined ? null : { amount: amountOf(amount), payee: text(payee) },
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  };
}

function amountOf(claim: unknown): { value: string; currency: string } {
  const { value, currency } = (claim ?? {}) as Record<string, unknown>;
  return { value: text(value), currency: text(currency) };
}

function text(claim: unknown): string {
  if (typeof claim !== 'string') throw invalid('The proof says something that no proof of Sallyport says.');
  return claim;
}

function invalid(detail: string, cause?: unknown): SallyportError {
  const refusal = { code: 'proof_invalid', status: 422, title: 'Proof invalid', detail } as const;
  return new SallyportError(refusal, cause === undefined ? undefined : { cause });
}
