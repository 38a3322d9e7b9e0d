import { sql, statement } from '#persistence';

export const selectLogSizes = statement<{ tenantId: string; size: number }, { tenantIds: readonly string[] }>(
  'audit.log-sizes',
  ($) => sql`select tenant_id as "tenantId", size from audit_log where tenant_id = any (${$.tenantIds}::text[])`,
);

/** The event at the end of a log. */
export const selectHead = statement<{ id: string; sequence: number; time: Date }, { tenantId: string }>(
  'audit.head',
  (
    $,
  ) => sql`select n.event_id as id, n.sequence, coalesce(e.time, 'epoch') as time from audit_entry n left join event e on e.id = n.event_id
   where n.tenant_id = ${$.tenantId} order by n.sequence desc limit 1`,
);
