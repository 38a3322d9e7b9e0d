import { methods } from '#contracts';
import { purposes } from '#auth-core';
import { z } from 'zod';
import { sendAnswer } from '../codes/send-code.js';
import { id, time } from '../http/schemas.js';
import { requestOptions } from '../verification/passkey.js';

/** A device that may answer a challenge. */
export const challengeDevice = z.object({
  id: id('dev'),
  name: z.string(),
  method: z.enum(methods),
  maskedAddress: z.string().nullable(),
  isDefault: z.boolean(),
  lockedUntil: time.nullable().meta({ description: 'Until when this device refuses checks' }),
});
export type ChallengeDevice = z.infer<typeof challengeDevice>;

const refusedSend = z.object({
  code: z.string().meta({ description: 'Why no code was sent, as in the table of refusals' }),
  detail: z.string(),
  userMessage: z.string().optional().meta({ description: "The same for the user, in the user's language" }),
  retryAfter: z.int().optional(),
});

export const openedChallenge = z.object({
  id: id('chl'),
  status: z.literal('pending'),
  purpose: z.enum(purposes),
  application: z.string().nullable(),
  devices: z.array(challengeDevice),
  recoveryCodesAvailable: z.boolean(),
  expiresAt: time,
  webauthn: requestOptions.optional().meta({ description: 'There with a usable passkey' }),
  send: z
    .union([sendAnswer, refusedSend])
    .optional()
    .meta({ description: 'The code that was sent at once, or why not' }),
});
export type OpenedChallenge = z.infer<typeof openedChallenge>;

export const decisionAnswer = z.object({
  decision: z.enum(['challenge', 'allow', 'enroll', 'deny']),
  reason: z.string(),
  detail: z.string().optional().meta({ description: 'Words for a refusal' }),
  userMessage: z.string().optional().meta({ description: "The same for the user, in the user's language" }),
  graceUntil: time.optional(),
  lockedUntil: time.optional(),
  supportContact: z.string().optional(),
  challenge: openedChallenge.optional(),
});
export type DecisionAnswer = z.infer<typeof decisionAnswer>;
