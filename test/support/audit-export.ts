import {
  ExportVerification,
  formatEntry,
  noWitness,
  openCheckpoint,
  parseVkey,
  type ExportVerdict,
  type LogEntry,
  type SealedEvent,
} from '#audit-log';

/** Runs one SQL text. */
type Sql = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>;

/** An entry whose event was not pruned. */
export interface SealedEntry extends LogEntry {
  readonly event: SealedEvent;
}

const microseconds = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** A tenant's log with what is left of pruned events. */
export async function readPruned(sql: Sql, tenantId: string): Promise<LogEntry[]> {
  const whole = new Map((await readLog(sql, tenantId)).map((entry) => [entry.index, entry]));
  const rows = await sql(
    `select (sequence - 1)::int as index, leaf_hash as "leafHash" from audit_entry where tenant_id = $1 order by sequence`,
    [tenantId],
  );
  return rows.map((row) => whole.get(row['index'] as number) ?? (row as unknown as LogEntry));
}

/** A tenant's log as an export would give it: what stands in the tables. */
export async function readLog(sql: Sql, tenantId: string): Promise<SealedEntry[]> {
  const rows = await sql(
    `select (a.sequence - 1)::int as index, a.leaf_hash as "leafHash", e.id, e.tenant_id as "tenantId", e.tx::text as tx, e.type,
       ${microseconds('e.time')} as time, e.account_id as "accountId", e.user_id as "userId", e.user_ref as "userRef",
       e.request_id as "requestId", e.data,
       replace(encode(e.personal_sealed, 'base64'), E'\\n', '') as personal
     from audit_entry a join event e on e.id = a.event_id
     where a.tenant_id = $1 order by a.sequence`,
    [tenantId],
  );
  return rows.map(({ index, leafHash, ...event }) => ({
    index: index as number,
    leafHash: leafHash as Buffer,
    event: event as unknown as SealedEvent,
  }));
}

export interface ReadCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly signedAt: string;
  readonly note: string;
  readonly oldest: Date | null;
  readonly newest: Date | null;
}

export async function readCheckpoints(sql: Sql, tenantId: string): Promise<ReadCheckpoint[]> {
  const rows = await sql(
    `select size::int as size, root, note, ${microseconds('signed_at')} as "signedAt", oldest_event_at as oldest, newest_event_at as newest
     from audit_checkpoint where tenant_id = $1 order by size, signed_at`,
    [tenantId],
  );
  return rows as unknown as ReadCheckpoint[];
}

/** The public keys of a tenant's log, as whoever asks for them gets them. */
export async function readVkeys(sql: Sql, tenantId: string): Promise<string[]> {
  const rows = await sql('select vkey from audit_key where tenant_id = $1 order by vkey', [tenantId]);
  return rows.map(({ vkey }) => String(vkey));
}

export const exportOf = (entries: readonly LogEntry[]) => entries.map((entry) => `${formatEntry(entry)}\n`).join('');

/**
 * What the offline verifier says of a log.
 * @param notes checkpoints
 * @param vkeys what it believes
 */
export function verifyLog(
  tenantId: string,
  entries: readonly LogEntry[],
  notes: readonly string[],
  vkeys: readonly string[],
): ExportVerdict {
  const policy = { logs: vkeys.map(parseVkey), quorum: noWitness };
  const verification = new ExportVerification({ tenantId });
  for (const note of notes) verification.expect(openCheckpoint(note, policy).head);
  for (const entry of entries) verification.add(formatEntry(entry));
  return verification.finish();
}
