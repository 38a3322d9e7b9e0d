import { isoMicroseconds, sql, statement, type Nothing } from '#persistence';

/** Seconds between two checkpoints of a tenant. */
const secondsBetween = 60;

/** Events after which the next checkpoint does not wait any longer. */
const eventsBetween = 1000;

// Not waited for: whoever may log in to the database can hold it.
export const lockSigning = statement<{ locked: boolean }, { lock: number }>(
  'lock-checkpoint-signing',
  ($) => sql`select pg_try_advisory_xact_lock(${$.lock}) as locked`,
);

// Every log that there is, and every one that a checkpoint was kept of. Due (`evenIfEarly`: all) are those that have grown
// and whose time has come. Checkpoints beyond the end, or from the future, are no reason to wait.
export const readLogs = statement<
  LogRow,
  { evenIfEarly: boolean; tenantIds: readonly string[]; sequences: readonly number[] }
>(
  'read-audit-logs',
  ($) => sql`select t.tenant_id as "tenantId", head.sequence, kept.hash as "keptHash", signed.sequence as "signedUpTo",
     exists (select from tenant x where x.id = t.tenant_id) as "isKnown",
     ${isoMicroseconds('clock_timestamp()')} as "signedAt",
     coalesce(head.sequence > coalesce(signed.sequence, 0)
       and (${$.evenIfEarly}::boolean or signed.sequence is null
            or signed.signed_at not between now() - make_interval(secs => ${secondsBetween}) and now() + interval '5 seconds'
            or head.sequence - signed.sequence >= ${eventsBetween}), false) as due
   from (select tenant_id from audit_chain union select * from unnest(${$.tenantIds}::text[])) t
   left join unnest(${$.tenantIds}::text[], ${$.sequences}::bigint[]) as place(tenant_id, sequence) on place.tenant_id = t.tenant_id
   left join audit_entry kept on kept.tenant_id = t.tenant_id and kept.sequence = place.sequence
   left join lateral (
     select a.sequence from audit_entry a where a.tenant_id = t.tenant_id order by a.sequence desc limit 1
   ) head on true
   left join lateral (
     select p.sequence, p.signed_at from audit_checkpoint p
     where p.tenant_id = t.tenant_id and p.sequence <= head.sequence order by p.sequence desc limit 1
   ) signed on true`,
);

export const insertCheckpoints = statement<
  Nothing,
  {
    tenantIds: readonly string[];
    sequences: readonly number[];
    hashes: readonly Uint8Array[];
    signedAt: readonly string[];
    keyIds: readonly string[];
    signatures: readonly Uint8Array[];
  }
>(
  'insert-audit-checkpoints',
  ($) => sql`insert into audit_checkpoint (tenant_id, sequence, hash, signed_at, key_id, signature)
   select * from unnest(${$.tenantIds}::text[], ${$.sequences}::bigint[], ${$.hashes}::bytea[], ${$.signedAt}::timestamptz[], ${$.keyIds}::text[], ${$.signatures}::bytea[])
   on conflict do nothing`,
);

/** A tenant's log, as the signer looks at it. */
export interface LogRow {
  readonly tenantId: string;
  /** The last entry; null where there is none. */
  readonly sequence: number | null;
  /** Of the entry at the place that is known; null where there is none. */
  readonly keptHash: Buffer | null;
  readonly signedUpTo: number | null;
  readonly isKnown: boolean;
  readonly signedAt: string;
  readonly due: boolean;
}
