import { methods } from '#contracts';
import { z } from 'zod';
import { quotaAnswer } from '../codes/code.schema.js';
import { id, time } from '../http/schemas.js';

/** A device as panels see it. */
export const deviceAnswer = z
  .object({
    id: id('dev'),
    accountId: z.string(),
    userId: z.string(),
    method: z.enum(methods),
    name: z.string(),
    status: z.enum(['unverified', 'verified', 'disabled']),
    allowed: z.boolean().meta({ description: 'Whether the policy in force allows it to answer challenges' }),
    isDefault: z.boolean(),
    maskedAddress: z.string().nullable().meta({ description: 'Phone number or e-mail address, mostly hidden' }),
    createdAt: time,
    verifiedAt: time.nullable(),
    lastUsedAt: time.nullable(),
    lockedUntil: time.nullable(),
    enrolmentExpiresAt: time.nullable().meta({ description: 'When the time to verify an unverified device ends' }),
    applications: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The only applications whose challenges it can answer; null means all' }),
    backedUp: z
      .boolean()
      .optional()
      .meta({ description: 'Passkeys only: whether it is synced, so that losing one device does not lose it' }),
    quota: quotaAnswer.optional().meta({ description: "This device's SMS quota for today" }),
    phoneDiffers: z
      .boolean()
      .optional()
      .meta({ description: "SMS only: whether the user's phone number differs from the device's" }),
    pendingPhone: z
      .object({ masked: z.string(), status: z.literal('unverified'), expiresAt: time })
      .optional()
      .meta({ description: 'The new number, which replaces the old one once it is verified' }),
  })
  .meta({ id: 'Device' });
export type DeviceAnswer = z.infer<typeof deviceAnswer>;
