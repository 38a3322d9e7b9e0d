import type { Policy } from '#contracts';
import type { Decision } from '#auth-core';
import { refusalWords, type Language } from '#words';
import { lockOf } from '../rows/device-row.js';
import type { DecisionAnswer } from './challenge-view.js';
import type { AdmittedDevice } from './open-challenge.js';

type Denial = Extract<Decision, { decision: 'deny' }>;

/** The answer to a login that is denied: why, in words for the panel and for the user, and until when. */
export function deny(
  { decision, reason }: Denial,
  devices: readonly AdmittedDevice[],
  { supportContact }: Policy,
  now: Date,
  language: Language,
): DecisionAnswer {
  const [firstEnd] = reason === 'locked' ? locksOf(devices, now) : [];
  const retryAfter = firstEnd === undefined ? undefined : Math.ceil((Date.parse(firstEnd) - now.getTime()) / 1000);
  return {
    decision,
    reason,
    detail: refusalWords('en', reason, { retryAfter }),
    userMessage: refusalWords(language, reason, { retryAfter, supportContact }),
    ...(firstEnd === undefined ? {} : { lockedUntil: firstEnd }),
    ...(supportContact === null ? {} : { supportContact }),
  };
}

/** When the locks of the devices that the policy allows end, the first one first. */
function locksOf(devices: readonly AdmittedDevice[], now: Date): string[] {
  return devices
    .filter(({ allowed }) => allowed)
    .map(({ lockedUntil }) => lockOf(lockedUntil, now))
    .filter((until) => until !== null)
    .toSorted();
}
