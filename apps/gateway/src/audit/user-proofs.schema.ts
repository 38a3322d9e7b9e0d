import { z } from 'zod';
import { id, list } from '../http/schemas.js';
import { auditEvent } from './audit-events.schema.js';
import { checkpoint } from './checkpoints.schema.js';

const provedEvent = auditEvent
  .extend({
    proof: z.string().nullable().meta({
      description:
        'A file `.tlog-proof` (C2SP): the event as it was hashed, its way to the root, and the newest checkpoint. Several of them, one after the other in a file, are what `npm run audit:verify --proof` reads. null for some seconds: no checkpoint is about the event yet',
    }),
  })
  .meta({ id: 'ProvedEvent' });

export const userProofs = list(provedEvent).extend({
  checkpoint: checkpoint
    .nullable()
    .meta({ description: 'The newest one of the log: all proofs of the page are by it' }),
});
export type UserProofsAnswer = z.infer<typeof userProofs>;

export const userProofsQuery = z.strictObject({
  cursor: id('evt').optional().meta({ description: 'Start after this event: `nextCursor` of the page before' }),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'The order of the events' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type UserProofsQuery = z.infer<typeof userProofsQuery>;
