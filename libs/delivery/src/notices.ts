import {
  deliveryRow,
  newId,
  type DeliveryPayload,
  type Destination,
  type EventNotice,
  type Policy,
  type SmsNotice,
} from '#contracts';
import type { Sealer } from '#persistence';
import { tracing } from '#runtime';

/** The switch of the policy for each notice. */
const switches: Readonly<Record<EventNotice | SmsNotice, keyof Policy['notices']>> = {
  lockout: 'lockout',
  account_pattern: 'lockout',
  device_added: 'deviceAdded',
  phone_reused: 'deviceAdded',
  device_removed: 'deviceRemoved',
  phone_changed: 'phoneChanged',
  email_changed: 'emailChanged',
  two_factor_disabled: 'twoFactorDisabled',
  reset: 'reset',
  recovery_code_used: 'recoveryCodeUsed',
};

/** Whether the policy wants a user to be told. */
export function wantsNotice(policy: Policy, notice: EventNotice | SmsNotice): boolean {
  return policy.notices[switches[notice]];
}

export interface NewNotice extends Pick<Extract<DeliveryPayload, { kind: 'notice' }>, 'to' | 'notice' | 'facts'> {
  readonly tenantId: string;
  /** Our id of the user; null where it is for nobody of the panel's users. */
  readonly userRef: string | null;
  readonly locale: string;
  readonly deviceId: string | null;
  /** Of an SMS. */
  readonly destination?: Destination;
  readonly requestId: string | null;
  /** When to send it (ISO 8601); null is at once. */
  readonly at: string | null;
}

/** A notice as `writeNotices` reads it. */
export interface SealedNotice {
  readonly id: string;
  readonly tenant_id: string;
  readonly user_ref: string | null;
  readonly device_id: string | null;
  readonly country: string | null;
  readonly prefix: string | null;
  /** Sealed, base64. */
  readonly payload: string;
  readonly request_id: string | null;
  /** Where the trace of its job goes on; left out where there is none. */
  readonly traceparent?: string | undefined;
  readonly at: string | null;
}

/** Makes a notice, for a statement with `writeNotices`. */
export function sealNotice(sealer: Sealer, policy: Policy, notice: NewNotice): SealedNotice {
  const { tenantId, userRef, locale, deviceId, destination, requestId, at, to, facts } = notice;
  const id = newId('delivery');
  const payload: DeliveryPayload = {
    kind: 'notice',
    to,
    notice: notice.notice,
    brand: policy.sms.brand,
    locale,
    facts,
    supportContact: policy.supportContact,
  };
  const sealed = sealer.seal('delivery', deliveryRow(tenantId, deviceId, id), JSON.stringify(payload));
  return {
    id,
    tenant_id: tenantId,
    user_ref: userRef,
    device_id: deviceId,
    country: destination?.country ?? null,
    prefix: destination?.prefix ?? null,
    payload: sealed.toString('base64'),
    request_id: requestId,
    traceparent: tracing()?.traceparent,
    at,
  };
}
