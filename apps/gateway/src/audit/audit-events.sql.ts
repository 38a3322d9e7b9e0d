import { sql, statement } from '#persistence';

/** Where an entry stands; `time` is the earliest there is where its event was pruned. */
export const selectPlace = statement<
  { sequence: number; time: Date; prunedUpTo: number },
  { eventId: string; tenantId: string }
>(
  'audit.place',
  ($) => sql`select n.sequence, coalesce(e.time, 'epoch') as time, coalesce(p.size, 0) as "prunedUpTo"
   from audit_entry n left join event e on e.id = n.event_id left join audit_pruned p on p.tenant_id = n.tenant_id
   where n.event_id = ${$.eventId} and n.tenant_id = ${$.tenantId}`,
);
