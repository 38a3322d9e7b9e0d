import { isoMicroseconds, sql, statement, type Nothing } from '#persistence';

/** Seconds between two checkpoints of a log that grows. */
const secondsBetween = 10;

/** Events after which the next checkpoint does not wait any longer. */
const eventsBetween = 1000;

/** Hours after which a log that has not grown gets a checkpoint all the same: it shows that nothing happened, and that somebody looked. */
const hoursBetween = 24;

// Not waited for: whoever may log in to the database can hold it.
export const lockSigning = statement<{ locked: boolean }, { lock: number }>(
  'lock-checkpoint-signing',
  ($) => sql`select pg_try_advisory_xact_lock(${$.lock}) as locked`,
);

// Every log that there is, and every one that a checkpoint was kept of. Due are those that have grown and whose time has come
// (`evenIfEarly`: all that have grown), and those that nobody has signed for a day. Checkpoints beyond the end, or from the
// future, are no reason to wait.
export const readLogs = statement<
  LogRow,
  { evenIfEarly: boolean; tenantIds: readonly string[]; sizes: readonly number[] }
>(
  'read-audit-logs',
  (
    $,
  ) => sql`select t.tenant_id as "tenantId", head.sequence as size, kept.leaf_hash as "keptLeaf", signed.size as "signedSize",
     exists (select from tenant x where x.id = t.tenant_id) as "isKnown",
     ${isoMicroseconds('clock_timestamp()')} as "signedAt",
     coalesce(case when head.sequence > coalesce(signed.size, 0)
       then ${$.evenIfEarly}::boolean or signed.size is null
            or signed.signed_at <= now() - make_interval(secs => ${secondsBetween})
            or head.sequence - signed.size >= ${eventsBetween}
       else signed.signed_at <= now() - make_interval(hours => ${hoursBetween}) end, false) as due
   from (select tenant_id from audit_log union select * from unnest(${$.tenantIds}::text[])) t
   left join unnest(${$.tenantIds}::text[], ${$.sizes}::bigint[]) as place(tenant_id, size) on place.tenant_id = t.tenant_id
   left join audit_entry kept on kept.tenant_id = t.tenant_id and kept.sequence = place.size
   left join lateral (
     select a.sequence from audit_entry a where a.tenant_id = t.tenant_id order by a.sequence desc limit 1
   ) head on true
   left join lateral (
     select p.size, p.signed_at from audit_checkpoint p
     where p.tenant_id = t.tenant_id and p.size <= head.sequence and p.signed_at <= now() + interval '5 seconds'
     order by p.size desc, p.signed_at desc limit 1
   ) signed on true`,
);

export const insertCheckpoints = statement<
  Nothing,
  {
    tenantIds: readonly string[];
    sizes: readonly number[];
    signedAt: readonly string[];
    roots: readonly Uint8Array[];
    notes: readonly string[];
    keyTenants: readonly string[];
    vkeys: readonly string[];
  }
>(
  'insert-audit-checkpoints',
  ($) => sql`with keys as (
     insert into audit_key (tenant_id, vkey) select * from unnest(${$.keyTenants}::text[], ${$.vkeys}::text[])
     on conflict do nothing
   )
   insert into audit_checkpoint (tenant_id, size, signed_at, root, note, oldest_event_at, newest_event_at)
   select s.*, new.oldest, new.newest
   from unnest(${$.tenantIds}::text[], ${$.sizes}::bigint[], ${$.signedAt}::timestamptz[], ${$.roots}::bytea[], ${$.notes}::text[])
     as s(tenant_id, size, signed_at, root, note)
   cross join lateral (
     select min(e.time) as oldest, max(e.time) as newest
     from audit_entry a join event e on e.id = a.event_id
     where a.tenant_id = s.tenant_id and a.sequence <= s.size and a.sequence > coalesce(
       (select max(p.size) from audit_checkpoint p where p.tenant_id = s.tenant_id and p.size <= s.size), 0)
   ) new
   on conflict do nothing`,
);

/** A tenant's log, as the signer looks at it. */
export interface LogRow {
  readonly tenantId: string;
  /** Entries; null where there are none. */
  readonly size: number | null;
  /** Leaf hash of the last entry of the place that is known; null where there is none. */
  readonly keptLeaf: Buffer | null;
  readonly signedSize: number | null;
  readonly isKnown: boolean;
  readonly signedAt: string;
  readonly due: boolean;
}
