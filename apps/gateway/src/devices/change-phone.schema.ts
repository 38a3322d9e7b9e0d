import { z } from 'zod';
import { phoneInput } from '../codes/addresses.js';
import { sendAnswer } from '../codes/code.schema.js';
import { deviceAnswer } from './device.schema.js';

export const changePhoneBody = z.strictObject({ phone: phoneInput });

export const changePhoneAnswer = deviceAnswer
  .extend({
    send: sendAnswer.meta({ description: 'The code, which is being sent to the new number' }),
  })
  .meta({ id: 'DeviceWithNewPhone' });
export type ChangePhoneAnswer = z.infer<typeof changePhoneAnswer>;
