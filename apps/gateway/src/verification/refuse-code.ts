import { Problem, type Policy } from '#contracts';
import type { Verdict } from '#auth-core';
import type { RefusalName } from '#words';
import { refusal, type RefusalDetails } from '../http/refusal.js';

export type Refused = Exclude<Verdict['result'], 'match'>;

const lateWords =
  "This code has just expired. Wait until your app shows a new one. If that code is refused too, check that your phone's clock is set automatically.";

const copiedWords =
  'The counter of this passkey went back, as it does when a passkey was copied. Use another device, and remove this one.';

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
  // Right when it was looked at, and used up by another call before it could be charged.
  const result = verdict.result === 'match' ? 'replayed' : verdict.result;
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
      return kind === 'totp'
        ? refusal(policy, 'code_already_used', details)
        : refusal(policy, 'code_already_used', {
            ...details,
            detail: 'This code was used before. Request a new one.',
            wordsFor: 'sent_code_already_used',
          });
    case 'expired':
      return refusal(policy, 'code_expired', details);
    case 'late':
      return refusal(policy, 'code_invalid', { ...details, detail: lateWords, wordsFor: 'code_late' });
    case 'wrong':
      return refusal(policy, 'code_invalid', details);
  }
}

function refusePasskey(
  policy: Policy,
  kind: 'passkey' | 'new_passkey',
  result: Refused,
  details: RefusalDetails,
): Problem {
  if (result === 'replayed') {
    return kind === 'passkey'
      ? refusal(policy, 'code_already_used', { ...details, detail: copiedWords, wordsFor: 'passkey_copied' })
      : refusal(policy, 'code_already_used', {
          ...details,
          detail: 'This passkey is already registered. Use another one.',
          wordsFor: 'passkey_registered',
        });
  }
  return refusal(policy, 'code_invalid', {
    ...details,
    detail: 'This passkey could not be verified. Try again, or use another device.',
    wordsFor: 'passkey_invalid',
  });
}

/** The refusal while a lock lasts: right and wrong codes get the same one. */
export function refuseLocked(policy: Policy, lockedUntil: Date, now: Date): Problem {
  const retryAfter = Math.max(1, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1000));
  const detail = `Too many wrong codes. Try again in ${wait(retryAfter)}.`;
  return refusal(policy, 'locked', { detail, lockedUntil: lockedUntil.toISOString(), retryAfter });
}

/** A disabled device does not unlock by waiting; the words say what does. */
export function refuseDisabled(policy: Policy): Problem {
  const detail =
    'This device was disabled after too many wrong codes. Use another device or a recovery code, and enrol it again.';
  return refusal(policy, 'locked', { detail, retryAfter: 86_400, wordsFor: 'device_disabled' });
}

/** Of a device that the policy does not let answer: neither waiting nor another code of it helps. */
export function refuseMethod(policy: Policy): Problem {
  const detail =
    'The policy does not let this device answer. Use another device or a recovery code, or ask your administrator for help.';
  return refusal(policy, 'method_not_allowed', { detail, wordsFor: 'device_not_allowed' });
}

function wait(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
