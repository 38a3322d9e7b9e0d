import { z } from 'zod';
import type { EventNotice } from '../deliveries.js';
import type { JobName } from '../jobs.js';
import type { Demand } from './demands.js';

/** What may be personal: sealed under the user's key, so that erasing the user makes it unreadable. */
export const personalFields = z.strictObject({
  ip: z.string().optional(),
  userAgent: z.string().optional(),
  maskedAddress: z.string().optional(),
  formerMaskedAddress: z.string().optional(),
  maskedEmail: z.string().nullable().optional(),
  formerMaskedEmail: z.string().nullable().optional(),
  maskedPhone: z.string().nullable().optional(),
  formerMaskedPhone: z.string().nullable().optional(),
  deviceName: z.string().optional(),
  formerDeviceName: z.string().optional(),
  displayName: z.string().nullable().optional(),
  formerDisplayName: z.string().nullable().optional(),
  actor: z.string().optional(),
  reason: z.string().optional(),
});
export type PersonalFields = z.infer<typeof personalFields>;

export interface EventRow {
  /** What it says, for whoever reads the log: one sentence. */
  readonly meaning: string;
  /** What has it written: one sentence. */
  readonly when: string;
  /** What of laws and standards it answers. */
  readonly answers: readonly Demand[];
  /** Fields that anyone with the audit stream may read, for ever: ids, names of methods, counts, times. */
  readonly data: z.ZodObject;
  /** Fields that are sealed under the key of its user. */
  readonly personal?: readonly (keyof PersonalFields)[];
  /**
   * Jobs that the event can start. If there is one, it starts with every event; of several, the writer names one.
   * Every event is sealed into the audit log besides.
   */
  readonly jobs: readonly JobName[];
  /** What the job `notify-owner` tells the user. */
  readonly notice?: EventNotice;
}

export const method = z.enum(['totp', 'sms', 'email', 'webauthn']);
export const device = { deviceId: z.string(), method };
export const challenge = { challengeId: z.string(), purpose: z.string(), application: z.string().optional() };
export const lockoutSubject = z.enum(['device', 'recovery_codes']);
