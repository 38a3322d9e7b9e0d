import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { codeDigits, sentCode } from './code.js';
import { normalizeRecoveryCode, recoveryCodeMac } from './recovery-code.js';
import { matchTotp, type TotpParameters } from './totp.js';

/** What a code is checked against. */
export type Authenticator =
  | ({ readonly kind: 'totp'; readonly window: number; readonly lastUsedStep: number | null } & TotpParameters)
  | {
      readonly kind: 'sent_code';
      /** Null where no code has been sent yet. */
      readonly code: { readonly id: string; readonly expiresAt: Date; readonly consumed: boolean } | null;
    }
  | {
      readonly kind: 'recovery_codes';
      readonly userId: string;
      /** Keyed MACs of the codes that are still unused. */
      readonly macs: readonly Buffer[];
    };

/**
 * What a code turned out to be. It decides nothing by itself: it may be told only after the attempt has been charged,
 * and a `match` counts only if the same statement found the step (or code) still unused.
 */
export type Verdict =
  | { readonly result: 'match'; readonly step: number | null; readonly mac: Buffer | null }
  | { readonly result: 'replayed' }
  | { readonly result: 'expired' }
  | { readonly result: 'late' }
  | { readonly result: 'wrong' };

const wrong: Verdict = { result: 'wrong' };

/**
 * The only check of a code in Sallyport: login, enrolment, step-up and recovery all come here, so that no path can be
 * weaker than another. Pure: it changes nothing. A passkey is no code; its only checks stand in `passkey.ts`.
 *
 * @param now the database's time
 * @param pepper key of the MACs, never stored in the database
 */
export function verify(authenticator: Authenticator, input: string, now: Date, pepper: KeyObject): Verdict {
  switch (authenticator.kind) {
    case 'totp': {
      if (!isDigits(input, authenticator.digits)) return wrong;
      const { window, lastUsedStep } = authenticator;
      const found = matchTotp(authenticator, input, now.getTime() / 1000, window, lastUsedStep);
      if (found.result === 'match') return { result: 'match', step: found.step, mac: null };
      return { result: found.result };
    }
    case 'sent_code': {
      const { code } = authenticator;
      if (!code || !isDigits(input, codeDigits)) return wrong;
      const right = timingSafeEqual(Buffer.from(input), Buffer.from(sentCode(pepper, code.id)));
      if (!right) return wrong;
      if (code.consumed) return { result: 'replayed' };
      return now < code.expiresAt ? { result: 'match', step: null, mac: null } : { result: 'expired' };
    }
    case 'recovery_codes': {
      const code = normalizeRecoveryCode(input);
      if (!code) return wrong;
      const mac = recoveryCodeMac(pepper, authenticator.userId, code);
      const known = authenticator.macs.filter((candidate) => timingSafeEqual(candidate, mac));
      return known.length > 0 ? { result: 'match', step: null, mac } : wrong;
    }
  }
}

/** ASCII digits only: `\d` without the `u` flag matches no full-width ones, and `$` no trailing line break. */
function isDigits(input: string, digits: number): boolean {
  return input.length === digits && /^\d+$/.test(input);
}
