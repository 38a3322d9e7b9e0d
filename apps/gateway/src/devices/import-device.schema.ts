import { z } from 'zod';
import { adviceAnswer } from '../advice/advice.js';
import { line } from '../http/schemas.js';
import { deviceAnswer } from './device.schema.js';

export const importDeviceBody = z.strictObject({
  name: line(100),
  secret: z.string().min(1).max(400).meta({
    description:
      'The seed in base 32: at least 128 bits (26 characters), or 80 bits (16 characters) if `totp.allowShortImport` is on. It is never shown again',
  }),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).optional().meta({ description: 'Default: `sha1`' }),
  digits: z.literal([6, 8]).optional().meta({ description: 'Default: 6' }),
  period: z.int().min(15).max(120).optional().meta({ description: 'Seconds. Default: 30' }),
});
export type ImportDeviceBody = z.infer<typeof importDeviceBody>;

export const importDeviceAnswer = deviceAnswer.extend({ advice: adviceAnswer }).meta({ id: 'ImportedDevice' });
export type ImportDeviceAnswer = z.infer<typeof importDeviceAnswer>;
