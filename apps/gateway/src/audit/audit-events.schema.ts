import { z } from 'zod';
import { exportFormats } from '#audit-events';
import { externalId, givenId, id, instant } from '../http/schemas.js';

/** A sealed event in CloudEvents 1.0 (JSON format), with its place in the log and its sealed form as extension attributes. */
export const auditEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: id('evt'),
    type: z.string().meta({ description: '`com.sallyport.` followed by the name of the event' }),
    source: z.string(),
    subject: z.string().optional().meta({
      description:
        "The panel's own ids: the account, or `account/user`. In each id, `/` is written as `%2F` and `%` as `%25`, so a slash only ever separates the two",
    }),
    time: z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC, with microseconds' }),
    datacontenttype: z.literal('application/json'),
    dataschema: z.string().optional().meta({
      description:
        'Address of the JSON Schema of `data`, from the address of the API on; none where this version does not know the type',
    }),
    data: z.record(z.string(), z.unknown()).meta({
      description:
        'The facts of the event. `accountId` and `userId` if it concerns an account or a user; with the scope `audit:personal`, `personal` until the user is erased, or `personalUnreadable: true` if it cannot be decrypted',
    }),
    sequence: z.int().meta({ format: 'int64', description: "Position in the tenant's log, starting at 1" }),
    index: z.int().meta({ format: 'int64', description: 'Index in the log, starting at 0: `sequence` − 1' }),
    sealed: z.string().meta({
      description:
        'The event as it was hashed, a line of an export: `{"event":…,"index":…,"leafHash":…}` (docs/audit-format.md). Lines of this field in a file are what `npm run audit:verify` reads',
    }),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEvent>;

const eventType = z.string().max(100);

/** Which events are meant: all, where all are left out. */
const eventFilter = {
  type: z
    .union([eventType, z.array(eventType).min(1).max(50)])
    .optional()
    .meta({
      description:
        'Event types, with or without `com.sallyport.`, or a prefix such as `challenge.*`. Repeat the parameter for several types',
    }),
  accountId: externalId.optional(),
  userId: externalId.optional(),
  deviceId: givenId('dev')
    .optional()
    .meta({ description: 'Events about this device: those whose `data.deviceId` it is' }),
  challengeId: givenId('chl').optional().meta({ description: 'Events about this challenge' }),
  requestId: givenId('req').optional().meta({
    description: 'Events of this call of the API, and of the work that it started: `x-request-id` of its answer',
  }),
};
export type FilterQuery = Pick<StreamQuery, keyof typeof eventFilter>;

export const auditQuery = z.strictObject({
  cursor: id('evt')
    .optional()
    .meta({ description: 'Start after this event: `nextCursor` of the page before, or the id of an event' }),
  after: id('evt').optional().meta({ description: 'Alias of `cursor`' }),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'The order of the events' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  ...eventFilter,
  from: instant.optional(),
  to: instant.optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const streamQuery = z.strictObject({
  cursor: id('evt')
    .optional()
    .meta({ description: 'Start after this event. The header `Last-Event-ID` has precedence' }),
  ...eventFilter,
});
export type StreamQuery = z.infer<typeof streamQuery>;

export const exportQuery = z.strictObject({
  format: z.enum(exportFormats).default('ndjson'),
  cursor: id('evt').optional().meta({ description: 'Start after this event' }),
  ...eventFilter,
  from: instant.optional(),
  to: instant.optional(),
});
export type ExportQuery = z.infer<typeof exportQuery>;
