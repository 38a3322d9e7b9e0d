import type { Policy } from '#contracts';
import type { Decision } from '#auth-core';
import { refusalWords, type Language } from '#words';
import { lockOf } from '../rows/device-row.js';
import type { DecisionAnswer } from './challenge-view.js';
import type { AdmittedDevice } from './open-challenge.js';

type Denial = Extract<Decision, { decision: 'deny' }>;

const denials: Readonly<Record<Denial['reason'], string>> = {
  service_user_interactive: 'This user is for the API only and cannot sign in here.',
  two_factor_user: 'This user has two-factor authentication on and cannot be used for the API. Use a service user.',
  required_by_policy: 'The company requires two-factor authentication: enrol a device first.',
  locked: 'Too many wrong codes. Wait until the lockout ends.',
  all_devices_disabled: 'All devices were disabled after too many wrong codes. Ask your administrator for help.',
  no_usable_device: 'There is no device that could be checked. Ask your administrator for help.',
};

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
    detail: denials[reason],
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
