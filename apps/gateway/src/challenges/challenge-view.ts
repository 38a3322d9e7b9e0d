import { methods, problemCodes } from '#contracts';
import { purposes } from '#auth-core';
import { z } from 'zod';
import { sendAnswer } from '../codes/code.schema.js';
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
    lockedUntil: time.nullable().meta({ description: 'Until when this device is locked' }),
    allowed: z
      .boolean()
      .meta({ description: 'Whether the policy in force allows it. If not, show it, but do not offer it' }),
  })
  .meta({ id: 'ChallengeDevice' });
export type ChallengeDevice = z.infer<typeof challengeDevice>;

const sentTo = { deviceId: id('dev').meta({ description: 'The device that the code is for' }) };

const refusedSend = z
  .object({
    ...sentTo,
    code: z.enum(problemCodes).meta({ description: 'Why no code was sent' }),
    detail: z.string(),
    userMessage: z
      .string()
      .optional()
      .meta({ description: "The reason in words for the user, in the user's language" }),
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
      .meta({ description: 'Present if `rememberBrowser` is allowed: for how many days' }),
    webauthn: requestOptions.optional().meta({ description: 'Present if the user has a usable passkey' }),
    send: z
      .union([sentAtOnce, refusedSend])
      .optional()
      .meta({ description: 'The code that was sent immediately, or why it was not sent' }),
  })
  .meta({ id: 'OpenedChallenge' });
export type OpenedChallenge = z.infer<typeof openedChallenge>;

const challengeDecision = z
  .object({
    decision: z.literal('challenge'),
    reason: z.enum(['two_factor_on', 'required_by_policy', 'step_up']),
    challenge: openedChallenge,
  })
  .meta({ id: 'ChallengeDecision', description: 'A second factor is needed' });

const allowDecision = z
  .object({
    decision: z.literal('allow'),
    reason: z.enum(['two_factor_off', 'grace_period', 'trusted_browser', 'service_user']),
    graceUntil: time.optional().meta({ description: 'Present for `grace_period`' }),
  })
  .meta({ id: 'AllowDecision', description: 'No second factor is needed: let the user in' });

const enrollDecision = z
  .object({
    decision: z.literal('enroll'),
    reason: z.literal('required_by_policy'),
    challenge: openedChallenge.meta({ description: 'Approved when the enrolment is verified' }),
  })
  .meta({ id: 'EnrollDecision', description: 'The user has to set up a device first' });

const denyDecision = z
  .object({
    decision: z.literal('deny'),
    reason: z.enum([
      'service_user_interactive',
      'two_factor_user',
      'required_by_policy',
      'locked',
      'all_devices_disabled',
      'no_usable_device',
    ]),
    detail: z.string().meta({ description: "For the panel's developers, in English" }),
    userMessage: z.string().meta({ description: "The reason in words for the user, in the user's language" }),
    lockedUntil: time.optional().meta({ description: 'Present for `locked`' }),
    supportContact: z.string().optional(),
  })
  .meta({ id: 'DenyDecision', description: 'Do not let the user in' });

export const decisionAnswer = z
  .discriminatedUnion('decision', [challengeDecision, allowDecision, enrollDecision, denyDecision])
  .meta({ id: 'Decision' });
export type DecisionAnswer = z.infer<typeof decisionAnswer>;
