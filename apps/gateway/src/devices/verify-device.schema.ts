import { z } from 'zod';
import { adviceAnswer } from '../advice/advice.js';
import { deviceCode, id } from '../http/schemas.js';
import { registrationResponse } from '../verification/passkey.js';
import { deviceAnswer } from './device.schema.js';

export const verifyDeviceBody = z
  .strictObject({
    code: deviceCode.optional(),
    webauthn: registrationResponse.optional(),
    challengeId: id('chl')
      .optional()
      .meta({ description: 'The challenge of an `enroll` decision, which this verification approves' }),
  })
  .superRefine(({ code, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (code === undefined && webauthn === undefined) fault('code', 'is required, unless there is webauthn');
    if (code !== undefined && webauthn !== undefined) fault('webauthn', 'cannot be combined with a code');
  });
export type VerifyDeviceBody = z.infer<typeof verifyDeviceBody>;

export const verifyDeviceAnswer = deviceAnswer
  .extend({
    recoveryCodes: z.array(z.string()).optional().meta({ description: 'Shown only once, for the first device' }),
    proof: z.string().optional().meta({ description: 'The proof of the challenge that this approved' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'VerifiedDevice' });
export type VerifyDeviceAnswer = z.infer<typeof verifyDeviceAnswer>;
