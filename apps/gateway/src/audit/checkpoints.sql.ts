import { isoMicroseconds, sql, statement, type Placeholders } from '#persistence';

export interface CheckpointRow {
  readonly size: number;
  readonly root: Buffer;
  /** With the cosignatures that have come. */
  readonly note: string;
  readonly witnesses: readonly string[];
  readonly witnessedAt: Date | null;
  /** ISO 8601 with microseconds, as the cursor compares it. */
  readonly signedAt: string;
  readonly oldestEventAt: Date | null;
  readonly newestEventAt: Date | null;
}

interface Page {
  readonly tenantId: string;
  readonly size: number;
  readonly signedAt: string;
  /** Null for all. */
  readonly witnessed: boolean | null;
  readonly limit: number;
}

const checkpointColumns = sql`
  c.size, c.root, c.note || coalesce(w.lines, '') as note, coalesce(w.names, array[]::text[]) as witnesses,
  enough.witnessed_at as "witnessedAt", ${isoMicroseconds('c.signed_at')} as "signedAt", c.oldest_event_at as "oldestEventAt", c.newest_event_at as "newestEventAt"`;

const withCosignatures = sql`
  audit_checkpoint c left join lateral (
    select string_agg(s.signature_lines, '' order by s.witness) as lines, array_agg(s.witness order by s.witness) as names
    from audit_cosignature s
    where s.tenant_id = c.tenant_id and s.size = c.size and s.signed_at = c.signed_at
  ) w on true
  left join audit_witnessed enough
    on enough.tenant_id = c.tenant_id and enough.size = c.size and enough.signed_at = c.signed_at`;

const page = ($: Placeholders<Page>, beyond: '>' | '<', direction: 'asc' | 'desc') => sql`
  select ${checkpointColumns} from ${withCosignatures}
  where c.tenant_id = ${$.tenantId} and (c.size, c.signed_at) ${beyond} (${$.size}, ${$.signedAt}::timestamptz)
    and (${$.witnessed}::boolean is null or (enough.witnessed_at is not null) = ${$.witnessed})
  order by c.size ${direction}, c.signed_at ${direction} limit ${$.limit}`;

export const checkpointPages = {
  oldest: statement<CheckpointRow, Page>('audit.checkpoints-oldest', ($) => page($, '>', 'asc')),
  newest: statement<CheckpointRow, Page>('audit.checkpoints-newest', ($) => page($, '<', 'desc')),
};

/** The newest checkpoint of a log that is about so many entries at least. */
export const selectNewest = statement<CheckpointRow, { tenantId: string; size: number }>(
  'audit.newest-checkpoint',
  ($) => sql`select ${checkpointColumns} from ${withCosignatures}
   where c.tenant_id = ${$.tenantId} and c.size >= ${$.size} order by c.size desc, c.signed_at desc limit 1`,
);

export const selectLogSize = statement<{ size: number }, { tenantId: string }>(
  'audit.log-size',
  ($) => sql`select size from audit_log where tenant_id = ${$.tenantId}`,
);

export const selectLogKeys = statement<{ vkey: string }, { tenantId: string }>(
  'audit.log-keys',
  ($) => sql`select vkey from audit_key where tenant_id = ${$.tenantId} order by known_since, vkey`,
);
