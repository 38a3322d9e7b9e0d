import { z } from 'zod';
import { id, time } from '../http/schemas.js';

export const checkpoint = z
  .object({
    size: z.int().meta({ format: 'int64', description: 'Number of entries that it is about' }),
    root: z.string().meta({ description: 'Root of the Merkle tree of those entries (RFC 6962), base 64' }),
    note: z.string().meta({
      description:
        'The signed note (C2SP tlog-checkpoint), with the cosignatures of witnesses that have come by now. Notes one after the other in a file are what `npm run audit:verify --checkpoints` reads',
    }),
    witnesses: z.array(z.string()).meta({ description: 'Names of the witnesses whose cosignatures the note has' }),
    witnessedAt: time.nullable().meta({
      description:
        'When as many witnesses had cosigned it as the operator asks for (AUDIT_WITNESS_QUORUM). Null for one that is not witnessed, or not yet',
    }),
    signedAt: time,
    oldestEventAt: time.nullable().meta({ description: 'Of the events that no checkpoint before is about' }),
    newestEventAt: time.nullable().meta({ description: 'Of the events that no checkpoint before is about' }),
  })
  .meta({ id: 'Checkpoint' });
export type CheckpointAnswer = z.infer<typeof checkpoint>;

export const checkpointsQuery = z.strictObject({
  cursor: z.string().max(300).optional(),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'The order of the checkpoints' }),
  witnessed: z.enum(['true']).optional().meta({ description: 'Only those that are witnessed' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type CheckpointsQuery = z.infer<typeof checkpointsQuery>;

export const inclusionQuery = z.strictObject({ eventId: id('evt') });

export const inclusionAnswer = z
  .object({
    eventId: id('evt'),
    index: z.int().meta({ format: 'int64' }),
    size: z.int().meta({ format: 'int64', description: 'Size of the checkpoint in the proof' }),
    proof: z.string().meta({
      description:
        'A file `.tlog-proof` (C2SP): the event as it was hashed, its way to the root, and the newest checkpoint',
    }),
  })
  .meta({ id: 'InclusionProof' });
export type InclusionAnswer = z.infer<typeof inclusionAnswer>;

const size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const consistencyQuery = z.strictObject({ from: size, to: size });
export type ConsistencyQuery = z.infer<typeof consistencyQuery>;

export const consistencyAnswer = z
  .object({
    from: z.int().meta({ format: 'int64' }),
    to: z.int().meta({ format: 'int64' }),
    hashes: z.array(z.string()).meta({ description: 'Consistency proof (RFC 6962 §2.1.2), base 64' }),
  })
  .meta({ id: 'ConsistencyProof' });
export type ConsistencyAnswer = z.infer<typeof consistencyAnswer>;
