import type { EntryRow } from '#audit-events';
import { eventOfEach, loggedEventColumns, recordEvents, sql, statement } from '#persistence';

/** Which events are meant: all, where all are left out. */
export interface EventFilters {
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Entries that are read at once. */
export const entriesAtOnce = 2000;

// By a range, since a log has no gaps: whatever PostgreSQL knows of the tables, it reads no more than these. So it is known
// how far an export is, whatever its filters leave.
export const selectEntries = statement<EntryRow, EventFilters & { tenantId: string; after: number; end: number }>(
  'export.entries',
  ($) => sql`
  select ${loggedEventColumns}, u.event_key_sealed as "eventKeySealed"
  from audit_entry n left join event e on e.id = n.event_id
    left join app_user u on u.id = e.user_ref and u.tenant_id = e.tenant_id
  where n.tenant_id = ${$.tenantId} and n.sequence > ${$.after}::bigint
    and n.sequence <= least(${$.after}::bigint + ${entriesAtOnce}, ${$.end}::bigint)
    and (${$.account}::text is null or e.account_id = ${$.account})
    and (${$.user}::text is null or e.user_id = ${$.user})
    and (${$.types}::text[] is null or e.type = any (${$.types}))
    and (${$.from}::timestamptz is null or e.time >= ${$.from})
    and (${$.to}::timestamptz is null or e.time < ${$.to})
  order by n.sequence`,
);

/** How long a log is; nothing where there is no such tenant. */
export const selectEnd = statement<{ end: number }, { tenantId: string }>(
  'export.end',
  ($) => sql`select coalesce((select max(sequence) from audit_entry where tenant_id = ${$.tenantId}), 0) as "end"
   from tenant where id = ${$.tenantId}`,
);

/** What was signed last of a log, with the cosignatures that have come, and the keys that the log has had. */
export const selectCheckpoint = statement<{ note: string; vkeys: readonly string[] }, { tenantId: string }>(
  'export.checkpoint',
  ($) => sql`
  select c.note || coalesce((
      select string_agg(s.signature_lines, '' order by s.witness) from audit_cosignature s
      where s.tenant_id = c.tenant_id and s.size = c.size and s.signed_at = c.signed_at
    ), '') as note,
    (select coalesce(array_agg(vkey), array[]::text[]) from audit_key k where k.tenant_id = c.tenant_id) as vkeys
  from audit_checkpoint c where c.tenant_id = ${$.tenantId} order by c.size desc, c.signed_at desc limit 1`,
);

export const tellExport = statement<
  object,
  { eventId: string; tenantId: string; format: string; lastSequence: number; whole: boolean; personal: boolean }
>('export.tell', ($) =>
  recordEvents(
    sql`array[${$.eventId}]`,
    eventOfEach('audit.exported', {
      from: sql`tenant where id = ${$.tenantId}`,
      columns: { tenant_id: 'id' },
      data: {
        format: sql`${$.format}::text`,
        lastSequence: sql`${$.lastSequence}::bigint`,
        whole: sql`${$.whole}::boolean`,
        personal: sql`${$.personal}::boolean`,
      },
    }),
  ),
);
