import { purposes } from '#auth-core';
import { z } from 'zod';
import { externalId, id, line } from '../http/schemas.js';
import { loginContext } from '../places/context.js';
import { transaction } from './transaction.schema.js';

export const createChallengeBody = z.strictObject({
  accountId: externalId,
  userId: externalId,
  purpose: z.enum(purposes).default('login'),
  application: line(64)
    .optional()
    .meta({ description: 'The application that asks. An API key that is bound to an application takes precedence' }),
  deviceId: id('dev')
    .optional()
    .meta({ description: 'The only device that can answer, apart from recovery codes. Its code is sent immediately' }),
  // As a browser's cookie has it: one that is damaged is as good as none.
  trustedBrowser: z
    .string()
    .optional()
    .transform((token) => (token !== undefined && /^[\x21-\x7e]{1,100}$/.test(token) ? token : undefined))
    .meta({
      description: 'Token of a browser that an earlier login trusted. An expired or unknown token is ignored',
    }),
  context: loginContext,
  transaction: transaction.optional().meta({
    description:
      'What is paid, and to whom, for the purpose `transaction`. It is shown in the SMS or e-mail and is part of the proof',
  }),
  detail: line(140).optional().meta({
    description:
      'What the user confirms. It is shown in full in the SMS and is part of the proof. Refused if it does not fit into a text message',
  }),
});
export type CreateChallengeBody = z.infer<typeof createChallengeBody>;
