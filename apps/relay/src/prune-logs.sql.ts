import { eventOfEach, isoTime, recordEvents, sql, statement, type Nothing } from '#persistence';

/** Entries that are pruned at once: some 100 ms of work. */
export const pruneBatch = 5000;

/** Tenants whose events are not kept for ever. */
export const listRetentions = statement<{ tenantId: string; isWitnessed: boolean }>(
  'relay-list-retentions',
  sql`select t.id as "tenantId", exists (select from audit_witnessed w where w.tenant_id = t.id) as "isWitnessed"
   from tenant t where t.policy #> '{audit,retentionDays}' is not null
     and jsonb_typeof(t.policy #> '{audit,retentionDays}') = 'number' order by t.id`,
);

export interface Pruned {
  readonly upTo: number;
  readonly events: number;
  readonly olderThan: string;
}

// The function decides what goes; it is in the schema.
export const pruneLog = statement<Pruned, { tenantId: string }>(
  'relay-prune-log',
  ($) => sql`select up_to as "upTo", events, ${isoTime('older_than')} as "olderThan"
   from prune_log(${$.tenantId}, ${pruneBatch})`,
);

export const recordPruned = statement<Nothing, Pruned & { eventId: string; tenantId: string }>(
  'relay-record-pruned',
  ($) =>
    sql`${recordEvents(
      sql`array[${$.eventId}]`,
      eventOfEach('audit.pruned', {
        from: sql`tenant where id = ${$.tenantId}`,
        columns: { tenant_id: 'id' },
        data: {
          upTo: sql`${$.upTo}::bigint`,
          events: sql`${$.events}::bigint`,
          olderThan: sql`${$.olderThan}::text`,
        },
      }),
    )}`,
);
