import { eventOfEach, isoMicroseconds, recordEvents, sql, statement } from '#persistence';

export const listHeads = statement<{ tenantId: string; entries: number }, { kept: readonly string[] }>(
  'list-audit-logs',
  ($) => sql`select t.tenant_id as "tenantId", coalesce(head.sequence, 0) as entries
   from (select tenant_id from audit_log union select * from unnest(${$.kept}::text[])) t
   left join lateral (
     select sequence from audit_entry a where a.tenant_id = t.tenant_id order by sequence desc limit 1
   ) head on true
   order by t.tenant_id`,
);

// Without its tenant, an event would begin a log of nobody.
export const recordAcceptance = statement<
  { now: string },
  { eventId: string; tenantId: string; sequence: number; formerSequence: number | null; reason: string }
>(
  'record-accepted-checkpoint',
  ($) => sql`with told as (${recordEvents(
    sql`array[${$.eventId}]`,
    eventOfEach('audit.checkpoint_accepted', {
      from: sql`tenant where id = ${$.tenantId}`,
      columns: { tenant_id: 'id' },
      data: {
        sequence: sql`${$.sequence}::bigint`,
        formerSequence: sql`${$.formerSequence}::bigint`,
        reason: sql`${$.reason}::text`,
      },
    }),
  )})
   select ${isoMicroseconds('clock_timestamp()')} as now`,
);
