import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import {
  createGuardrails,
  generateURI,
  NobleCryptoPlugin,
  ScureBase32Plugin,
  verifySync,
  type HashAlgorithm,
} from 'otplib';
import type { Random } from './ports.js';

export type TotpAlgorithm = 'sha1' | 'sha256' | 'sha512';

export interface TotpParameters {
  /** Raw seed. 20 bytes for our own (RFC 4226 §4 R6); imported ones may be as short as 16. */
  readonly secret: Uint8Array;
  readonly algorithm: TotpAlgorithm;
  readonly digits: 6 | 8;
  /** Seconds. */
  readonly period: number;
}

/** Parameters of every seed that Sallyport makes: what all authenticator apps understand. */
export const totpDefaults = { algorithm: 'sha1', digits: 6, period: 30 } as const;

const seedBytes = 20;

/** How far back a code is still recognised as an old one, so that the words can hint at the phone's clock. */
const clockHintSteps = 20;

const base32 = new ScureBase32Plugin();

/** A new 160-bit seed. */
export function newTotpSecret(random: Random): Uint8Array {
  return random.bytes(seedBytes);
}

/** The seed as people type it: base 32 without padding (RFC 4648 §6). */
export function totpSecretText(secret: Uint8Array): string {
  return base32.encode(secret, { padding: false });
}

/** Bytes of the shortest seed that is safe (128 bits, RFC 4226 §4 R6), and of what apps of before made at times. */
export const seedLengths = { safe: 16, shortest: 10, longest: 128 } as const;

/** Its own bounds are narrower than those of imports: it would throw at each check of what was taken in. */
const guardrails = createGuardrails({
  MIN_SECRET_BYTES: seedLengths.shortest,
  MAX_SECRET_BYTES: seedLengths.longest,
});

/**
 * HMACs of one seed by OpenSSL, which is given it as a key once. A check looks at two or three steps: that takes 10 µs, where
 * the library's own way takes 31, and OpenSSL 63 if it is given the bare seed each time.
 */
class SeedHmac extends NobleCryptoPlugin {
  private readonly key: KeyObject;

  constructor(seed: Uint8Array) {
    super();
    this.key = createSecretKey(seed);
  }

  override hmac(algorithm: HashAlgorithm, _seed: Uint8Array, data: Uint8Array): Uint8Array {
    return createHmac(algorithm, this.key).update(data).digest();
  }
}

const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A seed as other systems write it: base 32 (RFC 4648 §6), in either case, with or without spaces, dashes and padding. Bits of
 * the last letter beyond the last byte don't count (§3.5 leaves that to us): apps drop them, too.
 * @param shortest bytes
 * @returns undefined where it is no base 32, or shorter or longer than it may be
 */
export function parseTotpSecret(text: string, shortest: number = seedLengths.safe): Uint8Array | undefined {
  const plain = text
    .normalize('NFKC')
    .replaceAll(/[\s\p{Z}\p{Pd}\p{Cf}\u2212]/gu, '')
    .replace(/=+$/, '')
    .toUpperCase();
  if (!/^[A-Z2-7]+$/.test(plain)) return undefined;
  const spare = (plain.length * 5) % 8;
  const last = base32Letters.indexOf(plain.slice(-1));
  try {
    const secret = base32.decode(`${plain.slice(0, -1)}${base32Letters.charAt((last >> spare) << spare)}`);
    return secret.length >= shortest && secret.length <= seedLengths.longest ? secret : undefined;
  } catch {
    // A letter too many, or too few.
    return undefined;
  }
}

export type TotpMatch =
  | { readonly result: 'match'; readonly step: number }
  /** Right for a step of the window that is not after the last used one (RFC 6238 §5.2). */
  | { readonly result: 'replayed'; readonly step: number }
  /** Wrong now, but right for a recent past step: the phone's clock is probably late. */
  | { readonly result: 'late' }
  | { readonly result: 'wrong' };

/**
 * Looks for a code among the steps of the window, the used ones set apart.
 * Future steps beyond the window are never tried: an answer about them would reveal a code that is still to come.
 *
 * @param token exactly `digits` ASCII digits
 * @param epochSeconds Unix time
 * @param window accepted steps before and after the current one, 0 or 1 (RFC 6238 §5.2)
 * @param lastUsedStep step of the last accepted code, or null
 */
export function matchTotp(
  totp: TotpParameters,
  token: string,
  epochSeconds: number,
  window: number,
  lastUsedStep: number | null,
): TotpMatch {
  const { secret, algorithm, digits, period } = totp;
  const common = { secret, algorithm, digits, period, token, guardrails, crypto: new SeedHmac(secret) };
  const options = { ...common, epoch: Math.floor(epochSeconds) };
  const inWindow = { ...options, epochTolerance: window * period };

  if (lastUsedStep === null || lastUsedStep < Math.floor(epochSeconds / period) + window) {
    const unused = verifySync(lastUsedStep === null ? inWindow : { ...inWindow, afterTimeStep: lastUsedStep });
    if (unused.valid && 'timeStep' in unused) return { result: 'match', step: unused.timeStep };
  }
  const used = verifySync(inWindow);
  if (used.valid && 'timeStep' in used) return { result: 'replayed', step: used.timeStep };

  const late = verifySync({ ...options, epochTolerance: [clockHintSteps * period, 0] });
  return { result: late.valid ? 'late' : 'wrong' };
}

/** Neither part of a key-URI label may hold a colon: it separates them. */
function labelPart(text: string): string {
  return text.replaceAll(':', ' ').replaceAll(/\s+/g, ' ').trim();
}

/** The `otpauth://` address behind the QR code (Google key-URI format). */
export function totpUri(totp: TotpParameters, issuer: string, accountName: string): string {
  return generateURI({
    strategy: 'totp',
    issuer: labelPart(issuer),
    label: labelPart(accountName),
    secret: totpSecretText(totp.secret),
    algorithm: totp.algorithm,
    digits: totp.digits,
    period: totp.period,
  });
}
