import { randomUUID } from 'node:crypto';
import type { OpenedChallenge } from './answers.js';
import type { Check } from './sessions.js';

/**
 * A challenge that waits for its answer. A code that Sallyport sent at once is noted in it.
 * @param before the check whose place it takes in the session of the same person
 */
export function checkOf(challenge: OpenedChallenge, action: Check['action'], before: Check | null = null): Check {
  const sent = new Map<string, { resendAt: number }>();
  const { send } = challenge;
  if (send && 'deliveryId' in send) sent.set(send.deviceId, { resendAt: Date.now() + send.resendAfter * 1000 });
  const isSame = before !== null && JSON.stringify(before.action) === JSON.stringify(action);
  return {
    id: randomUUID(),
    before: isSame ? [before.id, ...before.before] : [],
    challenge,
    action,
    sent,
    over: false,
  };
}

/** What comes along when a code is copied or typed, and is no part of it: spaces, line breaks, dashes, invisible marks. */
const between = /[\p{Z}\p{Cc}\p{Cf}\p{Pd}\p{Mn}\u2212.,_·•]/gu;

/** The value of a decimal digit of any script: each has its ten in a row, from zero on (Unicode, section 4.6). */
function valueOf(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
  return String(value);
}

/** Text as it was meant: one form of each letter, digits of any script as 0 to 9, nothing in between. */
const cleaned = (text: string) =>
  text
    .normalize('NFKC')
    .replaceAll(between, '')
    .replaceAll(/\p{Nd}/gu, valueOf);

/** The code in a form; undefined where it cannot be one, so that half a code costs nobody an attempt. */
export function codeIn(form: Record<string, string>): string | undefined {
  const code = cleaned(form['code'] ?? '');
  return /^(\d{6}|\d{8})$/.test(code) ? code : undefined;
}

/** The recovery code in a form; undefined where it cannot be one. */
export function recoveryCodeIn(form: Record<string, string>): string | undefined {
  const code = cleaned(form['recoveryCode'] ?? '');
  return /^[A-Za-z0-9]{16}$/.test(code) ? code : undefined;
}

/** The answer in a form: of a passkey, whose shape Sallyport checks, or a code. Undefined where the code is incomplete. */
export function answerIn(form: Record<string, string>) {
  const { webauthn } = form;
  if (webauthn === undefined) {
    const code = codeIn(form);
    return code === undefined ? undefined : { code };
  }
  try {
    return { webauthn: JSON.parse(webauthn) as never };
  } catch {
    return { webauthn: {} as never };
  }
}
