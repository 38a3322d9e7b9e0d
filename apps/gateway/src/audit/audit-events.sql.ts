import { sql, statement } from '#persistence';

export const selectPlace = statement<{ sequence: number; time: Date }, { eventId: string; tenantId: string }>(
  'audit.place',
  ($) => sql`select n.sequence, e.time from audit_entry n join event e on e.id = n.event_id
   where n.event_id = ${$.eventId} and n.tenant_id = ${$.tenantId}`,
);
