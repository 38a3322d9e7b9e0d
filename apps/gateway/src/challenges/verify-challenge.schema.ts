import { z } from 'zod';
import { adviceAnswer } from '../advice/advice.js';
import { deviceCode, id } from '../http/schemas.js';
import { assertionResponse } from '../verification/passkey.js';

export const verifyChallengeBody = z
  .strictObject({
    code: deviceCode.optional(),
    deviceId: id('dev').optional().meta({
      description: 'Can be left out if the user has only one usable device, or answers with a passkey',
    }),
    recoveryCode: z.string().min(1).max(64).optional(),
    rememberBrowser: z
      .boolean()
      .optional()
      .meta({ description: 'Trust this browser. Only for a login approved by a device, if the policy allows it' }),
    webauthn: assertionResponse.optional(),
  })
  .superRefine(({ code: entered, deviceId, recoveryCode, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (entered === undefined && recoveryCode === undefined && webauthn === undefined) {
      fault('code', 'is required, unless there is a recoveryCode or webauthn');
    }
    if (entered !== undefined && recoveryCode !== undefined) fault('recoveryCode', 'cannot be combined with a code');
    if (webauthn !== undefined && (entered ?? recoveryCode) !== undefined) {
      fault('webauthn', 'cannot be combined with a code');
    }
    if (deviceId !== undefined && recoveryCode !== undefined) fault('deviceId', 'cannot be combined with recoveryCode');
  });
export type VerifyChallengeBody = z.infer<typeof verifyChallengeBody>;

export const verifyChallengeAnswer = z
  .object({
    status: z.literal('approved'),
    proof: z
      .string()
      .meta({ description: 'A JWT (EdDSA), valid for five minutes. Its public keys are at /.well-known/jwks.json' }),
    recoveryCodesLeft: z.int().optional(),
    trustedBrowser: z
      .string()
      .optional()
      .meta({ description: 'Store it in a cookie of this browser and send it with the next login. Shown only once' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'Approval' });
export type VerifyChallengeAnswer = z.infer<typeof verifyChallengeAnswer>;
