import type { EntryRow } from '#audit-events';
import { sql, statement } from '#persistence';
import { eventsAt, pruned } from './find-events.sql.js';

/** One entry of the log. */
export const selectEntry = statement<EntryRow, { eventId: string; tenantId: string }>(
  'audit.entry',
  ($) => sql`${eventsAt('audit_entry', 'left join')} where n.event_id = ${$.eventId} and n.tenant_id = ${$.tenantId}`,
);

/** Entries in their order, those whose event was pruned among them. */
export const selectEntries = statement<EntryRow, { tenantId: string; place: number; limit: number }>(
  'audit.entries',
  ($) => sql`${eventsAt('audit_entry', 'left join')}
   where n.tenant_id = ${$.tenantId} and n.sequence > ${$.place} order by n.sequence limit ${$.limit}`,
);

export const selectPruned = statement<{ size: number }, { tenantId: string }>(
  'audit.pruned-size',
  ($) => sql`select ${pruned($)} as size`,
);
