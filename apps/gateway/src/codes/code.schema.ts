import { z } from 'zod';
import { id, time } from '../http/schemas.js';

export const quotaAnswer = z.object({ limit: z.int(), used: z.int(), resetsAt: time }).meta({ id: 'Quota' });

export const sendAnswer = z
  .object({
    deliveryId: id('dlv'),
    resendAfter: z.int().meta({ description: 'Seconds until the code can be resent' }),
    expiresAt: time.meta({ description: 'When the code expires' }),
    quota: quotaAnswer.optional().meta({ description: "This device's SMS quota for today" }),
  })
  .meta({ id: 'SentCode' });
export type SendAnswer = z.infer<typeof sendAnswer>;
