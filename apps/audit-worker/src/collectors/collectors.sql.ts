import { sql, statement, type Nothing } from '#persistence';
import { eventColumns, eventText, type EventRow } from '../event-rows.sql.js';

/** Events that are sent at once. */
const batchSize = 500;

/** Logs that a batch is made of, at most: those first that have waited longest. */
const mostLogs = 50;

/** Seconds that a worker keeps others from a collector; it renews that while it works. */
const leaseSeconds = 30;

/** Tenants that a collector gets events of; null for all. */
interface Collector {
  readonly collector: string;
  readonly tenantIds: readonly string[] | null;
}

// Who is seen first from now on has, of every log that there is, what it has now. A log that comes later is sent from its
// beginning.
export const meetCollector = statement<Nothing, { collector: string; fromNow: boolean }>(
  'meet-collector',
  ($) => sql`with met as (
     insert into audit_collector (name) values (${$.collector}) on conflict do nothing returning name
   )
   insert into audit_collector_position (collector, tenant_id, sequence)
   select met.name, l.tenant_id, l.size from met cross join audit_log l where ${$.fromNow}::boolean
   on conflict do nothing`,
);

/** Logs of which a collector has not had all, as `behind`. */
const behind = (collector: string, tenantIds: string) => sql`
   select l.tenant_id, coalesce(p.sequence, 0) as sequence, l.size, p.updated_at
   from audit_log l
   left join audit_collector_position p on p.collector = ${collector} and p.tenant_id = l.tenant_id
   where l.size > coalesce(p.sequence, 0)
     and (${tenantIds}::text[] is null or l.tenant_id = any(${tenantIds}::text[]))`;

export const isBehind = statement<{ behind: boolean }, Collector>(
  'collector-is-behind',
  ($) => sql`select exists (${behind($.collector, $.tenantIds)}) as behind`,
);

// A lease and no lock of a row: a transaction that waited for a collector would hold up the sealing, which reads up to the
// oldest one that is running.
export const takeCollector = statement<TakenRow, { collector: string; workerId: string }>(
  'take-collector',
  ($) => sql`update audit_collector
   set holder = ${$.workerId}, lease_until = now() + make_interval(secs => ${leaseSeconds})
   where name = ${$.collector} and (holder is null or holder = ${$.workerId} or lease_until < now())
     and (retry_at is null or retry_at <= now())
   returning fault, faults`,
);

export const renewLease = statement<{ name: string }, { collector: string; workerId: string }>(
  'renew-lease-of-collector',
  ($) => sql`update audit_collector set lease_until = now() + make_interval(secs => ${leaseSeconds})
   where name = ${$.collector} and holder = ${$.workerId} returning name`,
);

export const readBatch = statement<PushRow, Collector>(
  'read-events-to-push',
  ($) => sql`with behind as (
     ${behind($.collector, $.tenantIds)}
     order by p.updated_at nulls first, l.tenant_id limit ${mostLogs}
   )
   select a.tenant_id as "logTenantId", a.sequence, a.leaf_hash as "leafHash", ${eventColumns}
   from (
     select a.*, b.updated_at from behind b cross join lateral (
       select a.tenant_id, a.sequence, a.leaf_hash, a.event_id from audit_entry a
       where a.tenant_id = b.tenant_id and a.sequence > b.sequence and a.sequence <= b.sequence + ${batchSize}
         and a.sequence <= b.size
       order by a.sequence
     ) a
     order by b.updated_at nulls first, a.tenant_id, a.sequence limit ${batchSize}
   ) a
   left join event e on e.id = a.event_id ${eventText}
   order by a.updated_at nulls first, a.tenant_id, a.sequence`,
);

// Only by who holds it. Where another has taken over, it sends again what it does not know of.
export const movePositions = statement<
  { tenantId: string },
  { collector: string; workerId: string; tenantIds: readonly string[]; sequences: readonly number[] }
>(
  'move-collector-positions',
  ($) => sql`with held as (
     update audit_collector
     set lease_until = now() + make_interval(secs => ${leaseSeconds}), retry_at = null, fault = null, faults = 0
     where name = ${$.collector} and holder = ${$.workerId} returning name
   )
   insert into audit_collector_position (collector, tenant_id, sequence)
   select held.name, t.tenant_id, t.sequence
   from held cross join unnest(${$.tenantIds}::text[], ${$.sequences}::bigint[]) as t(tenant_id, sequence)
   on conflict (collector, tenant_id) do update
     set sequence = greatest(audit_collector_position.sequence, excluded.sequence), updated_at = now()
   returning tenant_id as "tenantId"`,
);

export const leaveCollector = statement<Nothing, { collector: string; workerId: string }>(
  'leave-collector',
  ($) => sql`update audit_collector set holder = null, lease_until = null
   where name = ${$.collector} and holder = ${$.workerId}`,
);

export const noteFault = statement<
  Nothing,
  { collector: string; workerId: string; fault: string; faults: number; pauseMs: number }
>(
  'note-fault-of-collector',
  ($) => sql`update audit_collector
   set holder = null, lease_until = null, fault = ${$.fault}, faults = ${$.faults},
     retry_at = now() + make_interval(secs => ${$.pauseMs}::float8 / 1000)
   where name = ${$.collector} and holder = ${$.workerId}`,
);

export const readFaults = statement<{ collector: string; fault: string }, { collectors: readonly string[] }>(
  'read-faults-of-collectors',
  ($) => sql`select name as collector, fault from audit_collector
   where name = any(${$.collectors}::text[]) and fault is not null order by name`,
);

export const readLag = statement<{ events: number; seconds: number }, Collector>(
  'read-lag-of-collector',
  ($) => sql`select coalesce(sum(b.size - b.sequence), 0)::float8 as events,
     coalesce(extract(epoch from clock_timestamp() - min(a.sealed_at)), 0)::float8 as seconds
   from (${behind($.collector, $.tenantIds)}) b
   left join audit_entry a on a.tenant_id = b.tenant_id and a.sequence = b.sequence + 1`,
);

interface TakenRow {
  /** Why it took no events at the last try; null where it did. */
  readonly fault: string | null;
  /** Faults in a row. */
  readonly faults: number;
}

/** An entry that a collector has not had, with its event; without one where that has been pruned. */
export type PushRow = (EventRow | { readonly id: null }) & {
  readonly logTenantId: string;
  readonly sequence: number;
  readonly leafHash: Buffer;
};
