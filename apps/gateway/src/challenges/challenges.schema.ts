import { deliveryStates } from '#contracts';
import { purposes } from '#auth-core';
import { z } from 'zod';
import { id, time } from '../http/schemas.js';

export const challengeAnswer = z
  .object({
    id: id('chl'),
    accountId: z.string(),
    userId: z.string(),
    status: z.enum(['pending', 'approved', 'canceled', 'expired', 'max_attempts_reached']),
    purpose: z.enum(purposes),
    application: z.string().nullable(),
    attemptsLeft: z.int(),
    createdAt: time,
    expiresAt: time,
    endedAt: time.nullable(),
    approvedBy: id('dev').nullable(),
    inForce: z.boolean().meta({
      description:
        'Whether the challenge is approved and what approved it is still valid. It becomes false when the device is removed, replaced or disabled, changes its number or uses a method that is no longer allowed, when the recovery codes are replaced, and after a reset. Then end the session that it opened',
    }),
    deliveries: z.array(
      z.object({
        id: id('dlv'),
        deviceId: id('dev'),
        channel: z.enum(['sms', 'email']),
        status: z.enum(deliveryStates),
        createdAt: time,
      }),
    ),
  })
  .meta({ id: 'Challenge' });
export type ChallengeAnswer = z.infer<typeof challengeAnswer>;

export const sendChallengeCodeBody = z.strictObject({ deviceId: id('dev') });
