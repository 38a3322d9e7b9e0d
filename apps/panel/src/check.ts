import { randomUUID } from 'node:crypto';
import type { OpenedChallenge } from './answers.js';
import type { Check } from './sessions.js';

/** A challenge that waits for its answer. What was sent at once is known already. */
export function checkOf(challenge: OpenedChallenge, action: Check['action']): Check {
  const sent = new Map<string, { resendAt: number }>();
  const { send, devices } = challenge;
  const usable = devices.filter(({ allowed, lockedUntil }) => allowed && lockedUntil === null);
  const [only] = usable.filter(({ method }) => method === 'sms' || method === 'email');
  if (send && 'deliveryId' in send && only) sent.set(only.id, { resendAt: Date.now() + send.resendAfter * 1000 });
  return { id: randomUUID(), challenge, action, sent };
}

/** Six digits as people type them: with spaces, too. */
export const codeIn = (form: Record<string, string>) => (form['code'] ?? '').replaceAll(' ', '');

/** The answer in a form: of a passkey, or a code. Whatever it is, Sallyport checks its shape. */
export function answerIn(form: Record<string, string>) {
  const { webauthn } = form;
  if (webauthn === undefined) return { code: codeIn(form) };
  try {
    return { webauthn: JSON.parse(webauthn) as never };
  } catch {
    return { webauthn: {} as never };
  }
}
