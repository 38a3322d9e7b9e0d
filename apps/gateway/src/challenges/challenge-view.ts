import { methods, problemCodes } from '#contracts';
import { purposes } from '#auth-core';
import { z } from 'zod';
import { sendAnswer } from '../codes/send-code.js';
import { id, time } from '../http/schemas.js';
import { requestOptions } from '../verification/passkey.js';

/** A device of the user that a challenge lists. */
export const challengeDevice = z
  .object({
    id: id('dev'),
    name: z.string(),
    method: z.enum(methods),
    maskedAddress: z.string().nullable(),
    isDefault: z.boolean(),
    lockedUntil: time.nullable().meta({ description: 'Until when this device refuses checks' }),
    allowed: z
      .boolean()
      .meta({ description: 'Whether the policy in force lets it answer; show it, but do not offer it' }),
  })
  .meta({ id: 'ChallengeDevice' });
export type ChallengeDevice = z.infer<typeof challengeDevice>;

const sentTo = { deviceId: id('dev').meta({ description: 'The device that it is about' }) };

const refusedSend = z
  .object({
    ...sentTo,
    code: z.enum(problemCodes).meta({ description: 'Why no code was sent' }),
    detail: z.string(),
    userMessage: z.string().optional().meta({ description: "The same for the user, in the user's language" }),
    retryAfter: z.int().optional(),
  })
  .meta({ id: 'RefusedCode' });

const sentAtOnce = z.object({ ...sentTo, ...sendAnswer.shape }).meta({ id: 'CodeSentAtOnce' });

export const openedChallenge = z
  .object({
    id: id('chl'),
    status: z.literal('pending'),
    purpose: z.enum(purposes),
    application: z.string().nullable(),
    devices: z.array(challengeDevice),
    recoveryCodesAvailable: z.boolean(),
    expiresAt: time,
    trustedBrowserDays: z
      .int()
      .optional()
      .meta({ description: 'There where `rememberBrowser` is heeded: for how many days' }),
    webauthn: requestOptions.optional().meta({ description: 'There with a usable passkey' }),
    send: z
      .union([sentAtOnce, refusedSend])
      .optional()
      .meta({ description: 'The code that was sent at once, or why not' }),
  })
  .meta({ id: 'OpenedChallenge' });
export type OpenedChallenge = z.infer<typeof openedChallenge>;

export const decisionAnswer = z
  .object({
    decision: z.enum(['challenge', 'allow', 'enroll', 'deny']),
    reason: z.enum([
      'two_factor_on',
      'required_by_policy',
      'step_up',
      'two_factor_off',
      'trusted_browser',
      'service_user',
      'grace_period',
      'service_user_interactive',
      'two_factor_user',
      'locked',
      'all_devices_disabled',
      'no_usable_device',
    ]),
    detail: z.string().optional().meta({ description: 'Words for a refusal' }),
    userMessage: z.string().optional().meta({ description: "The same for the user, in the user's language" }),
    graceUntil: time.optional(),
    lockedUntil: time.optional(),
    supportContact: z.string().optional(),
    challenge: openedChallenge.optional(),
  })
  .meta({ id: 'Decision' });
export type DecisionAnswer = z.infer<typeof decisionAnswer>;
