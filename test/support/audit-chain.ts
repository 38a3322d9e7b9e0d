import type { ChainedEvent, ChainEntry, SignedCheckpoint } from '#audit-chain';

/** Runs one SQL text. */
type Sql = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>;

/** A tenant's chain as an export would give it. */
export async function readChain(sql: Sql, tenantId: string): Promise<ChainEntry[]> {
  const rows = await sql(
    `select a.sequence::int as sequence, a.hash, e.id, e.tenant_id as "tenantId", e.tx::text as tx, e.type,
       to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
       e.account_id as "accountId", e.user_id as "userId", e.user_ref as "userRef",
       e.request_id as "requestId", e.data,
       replace(encode(e.personal_sealed, 'base64'), E'\\n', '') as personal
     from audit_entry a join event e on e.id = a.event_id
     where a.tenant_id = $1 order by a.sequence`,
    [tenantId],
  );
  return rows.map(({ sequence, hash, ...event }) => ({
    sequence: sequence as number,
    hash: hash as Buffer,
    event: event as unknown as ChainedEvent,
  }));
}

export async function readCheckpoints(sql: Sql, tenantId: string): Promise<SignedCheckpoint[]> {
  const rows = await sql(
    `select tenant_id as "tenantId", sequence::int as sequence, hash, key_id as "keyId", signature,
       to_char(signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt"
     from audit_checkpoint where tenant_id = $1 order by sequence`,
    [tenantId],
  );
  return rows as unknown as SignedCheckpoint[];
}
