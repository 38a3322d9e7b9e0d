import { eventTypePrefix, type EventName } from '#contracts';
import type { LoggedEvent } from './logged-event.js';

/** What an event is to somebody who watches many systems: its class and activity in OCSF 1.5, how grave it is, how it ended. */
export interface Meaning {
  /** Authentication [3002] or Account Change [3001], both of Identity & Access Management. */
  readonly class: 'authentication' | 'account';
  /** `activity_id` of the class. */
  readonly activity: number;
  readonly severity: Severity;
  /** Undefined where there is nothing that succeeds or fails. */
  readonly outcome?: 'success' | 'failure';
}

/** `severity_id` of OCSF. */
export type Severity = 1 | 2 | 3 | 4;
const [info, low, medium, high] = [1, 2, 3, 4] as const;

const logon = 1;
const other = 99;
const authentication = (severity: Severity, outcome?: Meaning['outcome'], activity: number = logon): Meaning => ({
  class: 'authentication',
  activity,
  severity,
  ...(outcome && { outcome }),
});
/** Activities of Account Change. */
const [create, remove, lock, factorOn, factorOff, unlock] = [1, 6, 9, 10, 11, 12];
const account = (activity: number, severity: Severity = info, outcome: Meaning['outcome'] = 'success'): Meaning => ({
  class: 'account',
  activity,
  severity,
  outcome,
});

export const meanings: Readonly<Record<EventName, Meaning>> = {
  'login.allowed': authentication(info, 'success'),
  'login.denied': authentication(medium, 'failure'),
  'challenge.created': authentication(info),
  'challenge.approved': authentication(info, 'success'),
  'challenge.rejected': authentication(low, 'failure'),
  'challenge.replayed': authentication(high, 'failure'),
  'challenge.canceled': authentication(info, 'failure'),
  'challenge.expired': authentication(info, 'failure'),
  'challenge.max_attempts_reached': authentication(medium, 'failure'),
  'code.requested': authentication(info, undefined, other),
  'code.sent': authentication(info, 'success', other),
  'code.delivered': authentication(info, 'success', other),
  'code.failed': authentication(medium, 'failure', other),
  'code.expired': authentication(low, 'failure', other),
  'code.quota_exceeded': authentication(medium, 'failure', other),
  'code.blocked': authentication(medium, 'failure', other),
  'code.quota_restored': account(other),
  'notice.failed': account(other, medium, 'failure'),
  'notice.expired': account(other, low, 'failure'),
  'recovery_code.used': authentication(medium, 'success'),
  'trusted_browser.added': account(other),
  'trusted_browser.revoked': account(other),
  'lockout.started': account(lock, medium),
  'lockout.ended': account(unlock),
  'device.enrolment_started': account(other),
  'device.verification_failed': account(other, low, 'failure'),
  'device.verified': account(factorOn),
  'device.renamed': account(other),
  'device.made_default': account(other),
  'device.phone_change_started': account(other),
  'device.phone_changed': account(other, medium),
  'device.imported': account(factorOn),
  'device.removed': account(factorOff, low),
  'device.enrolments_ended': account(other),
  'device.disabled': account(factorOff, high),
  'two_factor.enabled': account(factorOn),
  'two_factor.disabled': account(factorOff, medium),
  'two_factor.reset': account(factorOff, high),
  'recovery_codes.generated': account(other),
  'recovery_codes.acknowledged': account(other),
  'account.created': account(create),
  'account.changed': account(other),
  'user.created': account(create),
  'user.changed': account(other),
  'user.email_changed': account(other, low),
  'user.erased': account(remove, low),
  'user.personal_read': account(other, low),
  'policy.changed': account(other, medium),
  'send_block.lifted': account(other, low),
  'api_key.created': account(create, medium),
  'api_key.revoked': account(remove, low),
  'api_key.refused': authentication(medium, 'failure'),
  'audit.read': account(other),
  'audit.exported': account(other),
  'audit.event_set_aside': account(other, high, 'failure'),
  'audit.checkpoint_accepted': account(other, high),
  'sealing.started': account(other),
  'sealing.stopped': account(other),
  'audit.cosignature_refused': account(other, high, 'failure'),
  'audit.pruned': account(other),
  'route.reordered': account(other),
  'job.set_aside': account(other, high, 'failure'),
  'job.discarded': account(other, medium, 'failure'),
  'key.rotated': account(other, medium),
  'database.restored': account(other, high),
  'webhook.created': account(create, medium),
  'webhook.changed': account(other, medium),
  'webhook.deleted': account(remove, low),
  'webhook.secret_rotated': account(other, medium),
  'webhook.tested': account(other),
  'webhook.redelivered': account(other),
  'webhook.disabled': account(other, high, 'failure'),
};

/** Total: what a later release has written is shown, as something that it does not know. */
export function meaningOf({ type }: LoggedEvent): Meaning {
  const name = nameOf(type);
  return Object.hasOwn(meanings, name)
    ? meanings[name as EventName]
    : { class: 'account', activity: other, severity: info };
}

export function nameOf(type: string): string {
  return type.startsWith(eventTypePrefix) ? type.slice(eventTypePrefix.length) : type;
}
