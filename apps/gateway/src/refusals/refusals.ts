import { Problem, type Policy, type ProblemCode, type ProblemDetails } from '#contracts';
import type { Verdict } from '#auth-core';
import { isRefusalName, languageFor, refusalWords, type Language, type RefusalName } from '#words';

/** A policy as `effectivePolicy` gives it, so that a refusal speaks the language of whom it refuses. */
type PolicyOfSomeone = Policy & { readonly locale?: string | null };

export interface RefusalDetails extends ProblemDetails {
  /** Closer words than those of the code: for the user, and for the panel's developers where no `detail` is given. */
  readonly wordsFor?: RefusalName;
}

/** A refusal for someone who logs in: with whom to ask for help, where the policy names one, and in their language. */
export function refusal(policy: PolicyOfSomeone, code: ProblemCode, details: RefusalDetails = {}): Problem {
  const { supportContact, locale = null } = policy;
  const { wordsFor } = details;
  return new Problem(code, {
    ...(wordsFor === undefined ? {} : { detail: refusalWords('en', wordsFor, details) }),
    ...details,
    locale,
    ...(supportContact === null ? {} : { supportContact }),
  });
}

/** What a call names is not there, or not for this caller: both get the same answer. */
export function noSuch(
  what: 'user' | 'account' | 'device' | 'challenge' | 'delivery' | 'audit log' | 'event type' | 'webhook',
): Problem {
  return new Problem('not_found', { detail: `There is no such ${what}.` });
}

/**
 * What the user reads of a refusal.
 * @param asked the language of the request, for users without one of their own
 * @returns undefined for what only the panel's developers can mend
 */
export function userMessage({ code, details }: Problem, asked: Language): string | undefined {
  const name = details.wordsFor ?? code;
  if (!isRefusalName(name)) return undefined;
  return refusalWords(languageFor(details.locale ?? asked), name, details);
}

/** Until when a challenge can be answered, as its row says. */
export interface ChallengeState {
  readonly challengeStatus: string | null;
  readonly challengeExpiresAt: Date;
  /** The database's time. */
  readonly now: Date;
}

/** Whether a challenge's time is over, also where its row does not say so yet. */
export function isExpired({ challengeStatus, challengeExpiresAt, now }: ChallengeState): boolean {
  return challengeStatus === 'expired' || (challengeStatus === 'pending' && challengeExpiresAt <= now);
}

/** The refusal of a challenge that can no longer be answered. */
export function refuseEnded(policy: Policy, state: ChallengeState): Problem {
  return refusal(policy, isExpired(state) ? 'challenge_expired' : 'challenge_not_pending');
}

/** @throws {Problem} `challenge_expired`, `challenge_not_pending` */
export function assertPending(policy: Policy, state: ChallengeState): void {
  if (isExpired(state) || state.challengeStatus !== 'pending') throw refuseEnded(policy, state);
}

/**
 * Refuses while a lock lasts: right and wrong codes alike.
 * @throws {Problem} `locked`
 */
export function assertUnlocked(
  policy: Policy,
  { lockedUntil, now }: { readonly lockedUntil: Date | null; readonly now: Date },
): void {
  if (lockedUntil === null || lockedUntil <= now) return;
  const retryAfter = Math.max(1, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1000));
  throw refusal(policy, 'locked', { lockedUntil: lockedUntil.toISOString(), retryAfter, wordsFor: 'locked' });
}

/** A disabled device does not unlock by waiting; the words say what does. */
export function refuseDisabled(policy: Policy): Problem {
  return refusal(policy, 'locked', { retryAfter: 86_400, wordsFor: 'device_disabled' });
}

/** Of a device that the policy does not let answer: neither waiting nor another code of it helps. */
export function refuseMethod(policy: Policy): Problem {
  return refusal(policy, 'method_not_allowed', { wordsFor: 'device_not_allowed' });
}

export type Refused = Exclude<Verdict['result'], 'match'>;

/** Right when it was looked at, and used up by another call before it could be charged, is used before. */
export const refusedAs = ({ result }: Pick<Verdict, 'result'>): Refused => (result === 'match' ? 'replayed' : result);

/** What was answered with. */
export type AnswerKind = 'totp' | 'sent_code' | 'recovery_codes' | 'passkey' | 'new_passkey';

/** What a charged answer did to the counter of its device. */
export interface Counted {
  /** Wrong ones in a row, this one included. */
  readonly wrong: number;
  readonly lockedUntil: Date | null;
}

/**
 * The refusal of an answer of a device that was charged and found not right. Where it locks or disables the device, the user
 * is told that: another try would be refused, right or wrong.
 * @param now when the charge began
 * @param checksLeft of the challenge; no bound where there is none
 */
export function refuseCounted(
  policy: Policy,
  kind: AnswerKind,
  verdict: Pick<Verdict, 'result'>,
  { wrong, lockedUntil }: Counted,
  now: Date,
  checksLeft = Infinity,
): Problem {
  const { free, disableAt } = policy.lockout;
  const result = refusedAs(verdict);
  if (lockedUntil === null) {
    const attemptsLeft = Math.min(checksLeft, Math.max(0, free - wrong));
    const refused = refuseCode(policy, kind, result, { attemptsLeft });
    return wrong < disableAt ? refused : inWordsOf(refused, 'device_disabled');
  }
  const retryAfter = Math.max(1, Math.floor((lockedUntil.getTime() - now.getTime()) / 1000));
  const details = { attemptsLeft: 0, lockedUntil: lockedUntil.toISOString(), retryAfter };
  return inWordsOf(refuseCode(policy, kind, result, details), 'locked');
}

const inWordsOf = ({ code, message, details }: Problem, wordsFor: RefusalName) =>
  new Problem(code, { ...details, detail: message, wordsFor });

/** The words for a code that was charged and found not right. */
export function refuseCode(policy: Policy, kind: AnswerKind, result: Refused, details: RefusalDetails): Problem {
  if (kind === 'recovery_codes') return refusal(policy, 'recovery_code_invalid', details);
  if (kind === 'passkey' || kind === 'new_passkey') return refusePasskey(policy, kind, result, details);
  switch (result) {
    case 'replayed':
      return refusal(policy, 'code_already_used', {
        ...details,
        ...(kind === 'totp' ? {} : { wordsFor: 'sent_code_already_used' }),
      });
    case 'expired':
      return refusal(policy, 'code_expired', details);
    case 'late':
      return refusal(policy, 'code_invalid', { ...details, wordsFor: 'code_late' });
    case 'wrong':
      return refusal(policy, 'code_invalid', details);
  }
}

const copied =
  'The counter of this passkey went back, as it does when a passkey was copied. Use another device, and remove this one.';

function refusePasskey(
  policy: Policy,
  kind: 'passkey' | 'new_passkey',
  result: Refused,
  details: RefusalDetails,
): Problem {
  if (result !== 'replayed') return refusal(policy, 'code_invalid', { ...details, wordsFor: 'passkey_invalid' });
  return kind === 'passkey'
    ? refusal(policy, 'code_already_used', { ...details, detail: copied, wordsFor: 'passkey_copied' })
    : refusal(policy, 'code_already_used', { ...details, wordsFor: 'passkey_registered' });
}
