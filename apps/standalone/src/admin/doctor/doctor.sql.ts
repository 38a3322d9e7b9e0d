import { firstUnsealed, sql, statement } from '#persistence';

export const look = statement<Look>(
  'doctor.look',
  sql`select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
     current_database()::text as name, current_setting('transaction_read_only')::boolean as "readOnly",
     clock_timestamp() as now`,
);

/** Joined one by one: the planner would read all of them. */
const ofDelivery = (table: string, alias: string) => sql`left join lateral (
       select next_attempt_at, lease_until from ${table} where id = o.payload ->> 'deliveryId' limit 1
     ) ${alias} on true`;

/** Of the jobs that were published, those whose effect is overdue, by their names. What is being sent is in hand. */
export const overdueJobs = statement<OverdueJobs, { seconds: number }>(
  'doctor.overdue-jobs',
  ($) => sql`select job, count(*)::int as jobs, extract(epoch from clock_timestamp() - min(since))::float8 as seconds
   from (
     select o.job, greatest(o.published_at, d.next_attempt_at, w.next_attempt_at) as since,
       greatest(d.lease_until, w.lease_until) as lease_until
     from outbox o
     ${ofDelivery('delivery', 'd')}
     ${ofDelivery('webhook_delivery', 'w')}
     where o.published_at is not null and o.set_aside_at is null
   ) published
   where since < clock_timestamp() - ${$.seconds} * interval '1 second' and (lease_until > clock_timestamp()) is not true
   group by job order by job`,
);

export const unsealedAge = statement<{ seconds: number }>(
  'doctor.unsealed-age',
  sql`select extract(epoch from clock_timestamp() - e.time)::float8 as seconds from ${firstUnsealed('e.time')}`,
);

/** Tenants with an entry that no checkpoint covers, though it was sealed a while ago. */
export const unsignedLogs = statement<{ tenantId: string }, { seconds: number }>(
  'doctor.unsigned-logs',
  ($) => sql`select l.tenant_id as "tenantId" from audit_log l
   left join lateral (
     select c.size from audit_checkpoint c where c.tenant_id = l.tenant_id order by c.size desc limit 1
   ) signed on true
   join lateral (
     select e.sealed_at from audit_entry e
     where e.tenant_id = l.tenant_id and e.sequence = coalesce(signed.size, 0) + 1 limit 1
   ) n on true
   where n.sealed_at < clock_timestamp() - ${$.seconds} * interval '1 second'
   order by l.tenant_id`,
);

export const waitForOperator = statement<{ jobs: number; events: number }>(
  'doctor.set-aside',
  sql`select (select count(*)::int from outbox where set_aside_at is not null) as jobs,
     (select count(*)::int from unsealable_event) as events`,
);

export const faultyCollectors = statement<{ name: string; fault: string }>(
  'doctor.faulty-collectors',
  sql`select name, fault from audit_collector where fault is not null order by name`,
);

export interface OverdueJobs {
  readonly job: string;
  readonly jobs: number;
  /** How long the oldest has been overdue. */
  readonly seconds: number;
}

interface Look {
  /** As in `18.4`. */
  readonly version: string;
  readonly versionNumber: number;
  readonly name: string;
  readonly readOnly: boolean;
  readonly now: Date;
}
