import { z } from 'zod';
import { line } from '../http/schemas.js';

export const changeDeviceBody = z.strictObject({
  name: line(100).optional(),
  isDefault: z
    .literal(true)
    .optional()
    .meta({ description: 'Makes this the default device, which is offered first at login' }),
});
export type ChangeDeviceBody = z.infer<typeof changeDeviceBody>;
