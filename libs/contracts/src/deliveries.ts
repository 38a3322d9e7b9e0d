import { z } from 'zod';

/** What is told by SMS, to the phone that it is about. */
export const smsNotices = ['reset', 'phone_changed', 'phone_reused'] as const;
export type SmsNotice = (typeof smsNotices)[number];

/** What people are told of by mail, without having asked. */
export const notices = [
  'lockout',
  'account_pattern',
  'device_added',
  'device_removed',
  'phone_changed',
  'email_changed',
  'two_factor_disabled',
  'reset',
  'recovery_code_used',
  'more_activity',
  'webhook_disabled',
] as const;
export type NoticeName = (typeof notices)[number];
/** What a user is told of one event by: `more_activity` stands for many, and a webhook is no user's. */
export type EventNotice = Exclude<NoticeName, 'more_activity' | 'webhook_disabled'>;

/**
 * What a delivery carries, sealed in its row until it ends: the address, the code, and what the words need.
 * Never put on a queue, never logged.
 */
export const deliveryPayloadSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('code'),
    /** E.164 with its `+`, or an e-mail address. */
    to: z.string(),
    /** Six digits. */
    code: z.string(),
    brand: z.string(),
    /** Host that the code belongs to: makes the SMS domain-bound. */
    host: z.string().nullable(),
    locale: z.string(),
    purpose: z.string(),
    /** What the user is asked to confirm, for `transaction`. */
    detail: z.string().nullable(),
    /** Whole minutes that the code lives. */
    minutes: z.int(),
  }),
  z.strictObject({
    kind: z.literal('notice'),
    to: z.string(),
    notice: z.enum([...notices, ...smsNotices]),
    brand: z.string(),
    locale: z.string(),
    /** What the words mention: a device's name, a time; no secrets. */
    facts: z.record(z.string(), z.string()),
    supportContact: z.string().nullable(),
  }),
]);
export type DeliveryPayload = z.infer<typeof deliveryPayloadSchema>;

export const deliveryStates = ['queued', 'sending', 'sent', 'delivered', 'failed', 'expired'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Row that a sealed payload is bound to. */
export function deliveryRow(tenantId: string, deviceId: string | null, deliveryId: string): string {
  return `${tenantId}:${deviceId ?? '-'}:${deliveryId}`;
}

/** Where an SMS goes, as far as routes are chosen and compared by it. */
export interface Destination {
  /** ISO 3166-1 alpha-2; null for networks of no country, such as satellites. */
  readonly country: string | null;
  /** `+`, the calling code and the first digits of the national number, never so many that they name anybody. */
  readonly prefix: string;
}

/** A message ready to go. */
export interface OutgoingMessage {
  /** Also the reference given to the provider, so that a repeat can be recognised. */
  readonly deliveryId: string;
  readonly to: string;
  readonly kind: DeliveryPayload['kind'];
  /** Country of an SMS, ISO 3166-1 alpha-2; null for mail, and for networks of no country. */
  readonly country: string | null;
  /** E-mail only. */
  readonly subject: string | null;
  readonly text: string;
  /** E-mail only. */
  readonly html: string | null;
  /** When the message becomes worthless: told to providers as its time to live. */
  readonly expiresAt: Date;
}

/**
 * What a provider said. `error` is a short name of ours, never the provider's text: that may quote the message. `ofRoute` where
 * it says something of the route (our account there, its server) and nothing of this message: another route may take that.
 */
export type SendResult =
  | { readonly outcome: 'sent'; readonly reference: string | null; readonly price: string | null }
  /** Not sent, and worth another try: overload, nobody there. The provider may ask to be left alone for a time. */
  | {
      readonly outcome: 'transient';
      readonly error: string;
      readonly ofRoute?: boolean;
      readonly retryAfterMs?: number;
    }
  /** Will not change: wrong number, refused sender. */
  | { readonly outcome: 'permanent'; readonly error: string; readonly ofRoute?: boolean }
  /** It may have been sent: the provider had the message and told no end that can be understood. */
  | { readonly outcome: 'unknown'; readonly error: string };

/** An amount as providers tell it, for a regular expression: the most that any of them writes. A currency may follow it. */
export const amountPattern = String.raw`\d{1,8}(?:\.\d{1,10})?`;

/** How an attempt can end, as the API shows it. */
export const attemptOutcomes = ['sent', 'transient', 'permanent', 'unknown'] as const satisfies SendResult['outcome'][];

/** What a provider tells later of a message that it took, as the API shows it. */
export const receiptStates = ['delivered', 'failed'] as const;
export type ReceiptState = (typeof receiptStates)[number];

/** What a look at a route has found, in words for an operator and without a secret. */
export interface RouteCheck {
  readonly status: 'ok' | 'warning' | 'fault';
  readonly detail: string;
  /** How to mend it. */
  readonly fix?: string;
}

/** A route: a provider, or the inbox that stands in for one. `send` may throw: that counts as `unknown`. */
export interface DeliveryChannel {
  /** As in the settings and in `delivery_attempt`: lower-case letters, digits and dashes. */
  readonly name: string;
  /** Whether it tells later what became of a message (a delivery receipt). */
  readonly receipts?: boolean;
  /** Goes on for as long as an answer may come, until the signal ends it. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  /** Looks whether its provider is there and takes our account. It sends nothing that could be taken for a message, and does not throw. */
  check?(): Promise<RouteCheck>;
  /** Closes its connections, once nobody sends by it any more. */
  close?(): void;
}
