import { sql, statement } from '#persistence';
import { eventsAt, pruned, type EventRow } from './find-events.sql.js';

/** An entry as it is hashed: of one whose event was pruned, the leaf hash is what is left. */
export type EntryRow = EventRow | { readonly id: null; readonly sequence: number; readonly leafHash: Buffer };

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
