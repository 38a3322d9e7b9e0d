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
  readonly limit: number;
}

const checkpointColumns = sql`
  c.size, c.root, c.note || coalesce(w.lines, '') as note, coalesce(w.names, array[]::text[]) as witnesses,
  enough.witnessed_at as "witnessedAt", ${isoMicroseconds('c.signed_at')} as "signedAt", c.oldest_event_at as "oldestEventAt", c.newest_event_at as "newestEventAt"`;

const cosignatures = sql`
  left join lateral (
    select string_agg(s.signature_lines, '' order by s.witness) as lines, array_agg(s.witness order by s.witness) as names
    from audit_cosignature s
    where s.tenant_id = c.tenant_id and s.size = c.size and s.signed_at = c.signed_at
  ) w on true`;

const isSame = sql`enough.tenant_id = c.tenant_id and enough.size = c.size and enough.signed_at = c.signed_at`;

const withCosignatures = sql`
  audit_checkpoint c ${cosignatures} left join audit_witnessed enough on ${isSame}`;

interface Direction {
  readonly beyond: '>' | '<';
  readonly sort: 'asc' | 'desc';
}
const onwards: Direction = { beyond: '>', sort: 'asc' };
const backwards: Direction = { beyond: '<', sort: 'desc' };

const page = ($: Placeholders<Page>, { beyond, sort }: Direction) => sql`
  select ${checkpointColumns} from ${withCosignatures}
  where c.tenant_id = ${$.tenantId} and (c.size, c.signed_at) ${beyond} (${$.size}, ${$.signedAt}::timestamptz)
  order by c.size ${sort}, c.signed_at ${sort} limit ${$.limit}`;

// Begins with what is witnessed, however few that are among all.
const witnessedPage = ($: Placeholders<Page>, { beyond, sort }: Direction) => sql`
  select ${checkpointColumns} from audit_witnessed enough join audit_checkpoint c on ${isSame} ${cosignatures}
  where enough.tenant_id = ${$.tenantId} and (enough.size, enough.signed_at) ${beyond} (${$.size}, ${$.signedAt}::timestamptz)
  order by enough.size ${sort}, enough.signed_at ${sort} limit ${$.limit}`;

export const checkpointPages = {
  all: {
    oldest: statement<CheckpointRow, Page>('audit.checkpoints-oldest', ($) => page($, onwards)),
    newest: statement<CheckpointRow, Page>('audit.checkpoints-newest', ($) => page($, backwards)),
  },
  witnessed: {
    oldest: statement<CheckpointRow, Page>('audit.witnessed-oldest', ($) => witnessedPage($, onwards)),
    newest: statement<CheckpointRow, Page>('audit.witnessed-newest', ($) => witnessedPage($, backwards)),
  },
};

/** The newest checkpoint of a log that is about so many entries at least. */
export const newestCheckpoint = (tenantId: string, size: string) => sql`
  select ${checkpointColumns} from ${withCosignatures}
  where c.tenant_id = ${tenantId} and c.size >= ${size} order by c.size desc, c.signed_at desc limit 1`;

export const selectNewest = statement<CheckpointRow, { tenantId: string; size: number }>(
  'audit.newest-checkpoint',
  ($) => newestCheckpoint($.tenantId, $.size),
);

export const selectLogSize = statement<{ size: number }, { tenantId: string }>(
  'audit.log-size',
  ($) => sql`select size from audit_log where tenant_id = ${$.tenantId}`,
);

export const selectLogKeys = statement<{ vkey: string }, { tenantId: string }>(
  'audit.log-keys',
  ($) => sql`select vkey from audit_key where tenant_id = ${$.tenantId} order by known_since, vkey`,
);
