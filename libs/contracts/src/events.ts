import { z } from 'zod';
import type { EventNotice } from './deliveries.js';
import type { JobName } from './jobs.js';
import { sendingRules } from './sending-rules.js';

/** All event types begin with this (CloudEvents `type`). */
export const eventTypePrefix = 'com.sallyport.';

/** What may be personal: sealed under the user's key, so that erasing the user makes it unreadable. */
export const personalFields = z.strictObject({
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  maskedAddress: z.string().optional(),
  formerMaskedAddress: z.string().optional(),
  deviceName: z.string().optional(),
  displayName: z.string().optional(),
  actor: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
});
export type PersonalFields = z.infer<typeof personalFields>;

interface EventRow {
  /** Fields that anyone with the audit stream may read, for ever: ids, names of methods, counts, times. */
  readonly data: z.ZodObject;
  /**
   * Jobs that the event can start. If there is one, it starts with every event; of several, the writer names one.
   * Every event is sealed into the audit log besides.
   */
  readonly jobs: readonly JobName[];
  /** What the job `notify-owner` tells the user. */
  readonly notice?: EventNotice;
}

const method = z.enum(['totp', 'sms', 'email', 'webauthn']);
const device = { deviceId: z.string(), method };
const challenge = { challengeId: z.string(), purpose: z.string(), application: z.string().optional() };
const decision = { purpose: z.string(), reason: z.string(), application: z.string().optional() };
const delivery = { deliveryId: z.string(), ...device, challengeId: z.string().optional() };
const notice = { deliveryId: z.string(), deviceId: z.string().optional(), method: z.enum(['sms', 'email']) };
const attempt = {
  ...challenge,
  deviceId: z.string().optional(),
  method: z.union([method, z.literal('recovery_code')]),
};

/**
 * Every event there is, past tense. A new one needs a row here and nothing else. Those of a call have `apiKeyId`, and `actor`
 * where the call named one, besides.
 */
export const events = {
  'account.created': { data: z.strictObject({}), jobs: [] },
  'user.created': { data: z.strictObject({ kind: z.enum(['person', 'service']) }), jobs: [] },
  'user.email_changed': { data: z.strictObject({}), jobs: ['notify-owner'], notice: 'email_changed' },
  'user.erased': { data: z.strictObject({}), jobs: [] },
  'device.enrolment_started': { data: z.strictObject(device), jobs: [] },
  'device.verified': { data: z.strictObject(device), jobs: ['notify-owner'], notice: 'device_added' },
  'device.renamed': { data: z.strictObject(device), jobs: [] },
  'device.phone_changed': { data: z.strictObject(device), jobs: ['notify-owner'], notice: 'phone_changed' },
  'device.imported': { data: z.strictObject(device), jobs: [] },
  'device.removed': {
    /** `reason`: `requested`, `replaced`, `enrolment_canceled`, or the event that took it along. */
    data: z.strictObject({ ...device, reason: z.string() }),
    jobs: ['notify-owner'],
    notice: 'device_removed',
  },
  'device.disabled': { data: z.strictObject({ ...device, wrongCodes: z.number() }), jobs: [] },
  'two_factor.enabled': { data: z.strictObject({}), jobs: [] },
  'two_factor.disabled': {
    data: z.strictObject({
      by: z.enum(['user', 'admin']),
      devices: z.enum(['kept', 'removed']),
    }),
    jobs: ['notify-owner'],
    notice: 'two_factor_disabled',
  },
  /** Each device that went has a `device.removed` of its own besides. */
  'two_factor.reset': {
    data: z.strictObject({ deviceIds: z.array(z.string()) }),
    jobs: ['notify-owner'],
    notice: 'reset',
  },
  'code.requested': {
    data: z.strictObject({ ...delivery, expiresAt: z.string() }),
    jobs: ['deliver-sms', 'deliver-email'],
  },
  'code.sent': { data: z.strictObject({ ...delivery, provider: z.string(), attempts: z.number() }), jobs: [] },
  'code.failed': { data: z.strictObject({ ...delivery, error: z.string(), attempts: z.number() }), jobs: [] },
  'code.expired': { data: z.strictObject({ ...delivery, attempts: z.number() }), jobs: [] },
  /** A notice that did not go out. The request id leads to what it was to tell. */
  'notice.failed': { data: z.strictObject({ ...notice, error: z.string(), attempts: z.number() }), jobs: [] },
  'notice.expired': { data: z.strictObject({ ...notice, attempts: z.number() }), jobs: [] },
  'code.quota_exceeded': {
    data: z.strictObject({ ...device, challengeId: z.string().optional(), limit: z.number() }),
    jobs: [],
  },
  /** Not sent, by a rule of the pumping guard; `rule` is for operators and is not told to the user. */
  'code.blocked': {
    data: z.strictObject({ ...device, challengeId: z.string().optional(), rule: z.enum(sendingRules) }),
    jobs: [],
  },
  'send_block.lifted': {
    data: z.strictObject({ blockId: z.string(), rule: z.enum(sendingRules) }),
    jobs: [],
  },
  'code.quota_restored': { data: z.strictObject({ ...device, used: z.number() }), jobs: [] },
  /**
   * Decisions before login that open no challenge, `purpose` being any: every login leaves this or `challenge.created`.
   * With the trusted browser that spared the code, and the device that made it one.
   */
  'login.allowed': {
    data: z.strictObject({
      ...decision,
      trustedBrowserId: z.string().optional(),
      deviceId: z.string().optional(),
    }),
    jobs: [],
  },
  'login.denied': { data: z.strictObject(decision), jobs: [] },
  'challenge.created': { data: z.strictObject(challenge), jobs: [] },
  'challenge.approved': { data: z.strictObject({ ...attempt, amr: z.array(z.string()) }), jobs: [] },
  'challenge.rejected': { data: z.strictObject(attempt), jobs: ['examine-rejection'] },
  'challenge.replayed': { data: z.strictObject(attempt), jobs: ['examine-rejection'] },
  'challenge.canceled': { data: z.strictObject(challenge), jobs: [] },
  'challenge.expired': { data: z.strictObject(challenge), jobs: [] },
  'challenge.max_attempts_reached': { data: z.strictObject(challenge), jobs: [] },
  'recovery_codes.generated': { data: z.strictObject({ count: z.number() }), jobs: [] },
  'recovery_codes.acknowledged': { data: z.strictObject({}), jobs: [] },
  'recovery_code.used': {
    data: z.strictObject({ challengeId: z.string(), left: z.number() }),
    jobs: ['notify-owner'],
    notice: 'recovery_code_used',
  },
  'lockout.started': {
    data: z.strictObject({
      lockoutId: z.string(),
      subject: z.enum(['device', 'recovery_codes']),
      deviceId: z.string().optional(),
      wrongCodes: z.number(),
      lockedUntil: z.string(),
    }),
    jobs: ['announce-lockout'],
  },
  'lockout.ended': {
    data: z.strictObject({
      lockoutId: z.string(),
      subject: z.enum(['device', 'recovery_codes']),
      deviceId: z.string().optional(),
      reason: z.enum(['elapsed', 'lifted', 'removed']),
    }),
    jobs: [],
  },
  'trusted_browser.added': {
    data: z.strictObject({ trustedBrowserId: z.string(), deviceId: z.string(), challengeId: z.string() }),
    jobs: [],
  },
  /** All that one act ended. `device.disabled` ends those of its device without it. */
  'trusted_browser.revoked': {
    data: z.strictObject({
      trustedBrowserIds: z.array(z.string()),
      reason: z.enum(['requested', 'device_removed', 'two_factor_disabled', 'reset', 'phone_changed']),
    }),
    jobs: [],
  },
  'policy.changed': {
    /** `old`, `new`: the values in force, by their names in `changed`. Addresses and numbers in them are masked. */
    data: z.strictObject({
      level: z.enum(['tenant', 'account']),
      changed: z.array(z.string()),
      old: z.record(z.string(), z.unknown()),
      new: z.record(z.string(), z.unknown()),
    }),
    jobs: [],
  },
  /** `keyId`: of the key that it is about; `apiKeyId` is the one that did it, as in every event. */
  'api_key.created': { data: z.strictObject({ keyId: z.string(), scopes: z.array(z.string()) }), jobs: [] },
  'api_key.revoked': { data: z.strictObject({ keyId: z.string() }), jobs: [] },
  /** A row that the audit log can't take: it has no encoding. It stays where it is, outside of the log. */
  'audit.event_set_aside': {
    data: z.strictObject({ eventId: z.string(), type: z.string(), reason: z.string() }),
    jobs: [],
  },
  /** An operator let the signing go on from an entry that the signer did not recognise. */
  'audit.checkpoint_accepted': {
    data: z.strictObject({
      sequence: z.number(),
      /** Of the checkpoint that was given up; null where none could be read. */
      formerSequence: z.number().nullable(),
      reason: z.string(),
    }),
    jobs: [],
  },
  /**
   * A witness does not cosign this log, since it has cosigned another tree. `size`: entries of the checkpoint that it was sent;
   * `cosignedSize`: of the last one that it cosigned, where that is known.
   */
  'audit.cosignature_refused': {
    data: z.strictObject({
      witness: z.string(),
      reason: z.enum(['rewritten', 'forked', 'cut_off']),
      size: z.number(),
      cosignedSize: z.number().nullable(),
    }),
    jobs: [],
  },
  /** A job that was published again and again and never done. `failure`: kind of the last fault, never its words. */
  'job.set_aside': {
    data: z.strictObject({ jobId: z.string(), job: z.string(), publications: z.number(), failure: z.string() }),
    jobs: [],
  },
  /** An operator gave up a job that had been set aside. */
  'job.discarded': { data: z.strictObject({ jobId: z.string(), job: z.string() }), jobs: [] },
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof events;
export type EventData<N extends EventName> = z.infer<(typeof events)[N]['data']>;

/** The notice that an event means to its user; none for events that mean none, or that this version does not know. */
export function noticeOfEvent(type: string): EventNotice | undefined {
  const rows: Readonly<Record<string, EventRow>> = events;
  return Object.hasOwn(rows, type) ? rows[type]?.notice : undefined;
}

export const eventNames = Object.keys(events) as EventName[];
