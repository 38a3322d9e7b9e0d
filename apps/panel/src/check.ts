import { randomUUID } from 'node:crypto';
import type { SallyportError } from '#client';
import type { OpenedChallenge } from './answers.js';
import type { Check } from './sessions.js';

/** A challenge that waits for its answer. What was sent at once is known already. */
export function checkOf(challenge: OpenedChallenge, action: Check['action']): Check {
  const sent = new Map<string, { resendAt: number }>();
  const { send, devices } = challenge;
  const [only] = devices.filter(({ method }) => method === 'sms' || method === 'email');
  if (send && 'deliveryId' in send && only) sent.set(only.id, { resendAt: Date.now() + send.resendAfter * 1000 });
  return { id: randomUUID(), challenge, action, sent };
}

/** What Sallyport refused, for the page that asked. */
export interface Refused {
  readonly words: string;
  readonly status: 409 | 422 | 429 | 503;
}

export function statusOf({ status }: SallyportError): Refused['status'] {
  return status === 429 || status === 503 || status === 409 ? status : 422;
}

/** Whatever it is: Sallyport checks its shape. */
export function passkeyAnswer(text: string): never {
  try {
    return JSON.parse(text) as never;
  } catch {
    return {} as never;
  }
}
