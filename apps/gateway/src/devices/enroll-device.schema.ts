import { methods } from '#contracts';
import { z } from 'zod';
import { emailInput, phoneInput } from '../codes/addresses.js';
import { sendAnswer } from '../codes/code.schema.js';
import { id, line } from '../http/schemas.js';
import { creationOptions } from '../verification/passkey.js';
import { deviceAnswer } from './device.schema.js';

export const enrollDeviceBody = z.strictObject({
  method: z.enum(methods),
  name: line(100),
  phone: phoneInput.optional().meta({ description: "SMS only. Default: the user's phone number" }),
  email: emailInput.optional().meta({ description: "E-mail only. Default: the user's e-mail address" }),
  applications: z.array(line(64)).min(1).max(20).optional().meta({
    description:
      'The only applications whose challenges it can answer. Default: all, or those of the device that approved the proof',
  }),
  replaces: id('dev')
    .optional()
    .meta({ description: 'A verified device that is removed when the new one is verified' }),
});
export type EnrollDeviceBody = z.infer<typeof enrollDeviceBody>;

export const enrollDeviceAnswer = deviceAnswer
  .extend({
    totp: z
      .object({
        secret: z.string().meta({ description: 'Base 32, for users who cannot scan the QR code' }),
        uri: z.string().meta({ description: 'otpauth:// address' }),
        qrCode: z.string().meta({ description: 'The `uri` as a QR code: an SVG data URI' }),
      })
      .optional()
      .meta({ description: 'Shown only once' }),
    webauthn: creationOptions.optional(),
    send: sendAnswer.optional().meta({ description: 'The first code, which is being sent' }),
    recoveryCodes: z.array(z.string()).optional().meta({
      description:
        'Shown only once: if they have to be saved before the first device is verified, or if it is verified immediately',
    }),
  })
  .meta({ id: 'EnrolledDevice' });
export type EnrollDeviceAnswer = z.infer<typeof enrollDeviceAnswer>;
