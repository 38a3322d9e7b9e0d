import { firstUnsealed, sql, statement } from '#persistence';

export const tenantsInUse = statement<TenantInUse>(
  'status.tenants',
  sql`select t.id, t.name, coalesce(u.users, 0)::int as users, coalesce(u.enabled, 0)::int as "twoFactor",
     coalesce(s.messages, 0)::int as "smsToday", coalesce(s.cost, 0)::text as "smsCostToday"
   from tenant t
   left join (
     select tenant_id, count(*) filter (where second_factor <> 'service') as users,
       count(*) filter (where second_factor = 'enabled') as enabled
     from app_user group by tenant_id
   ) u on u.tenant_id = t.id
   left join (
     select tenant_id, sum(messages) as messages, sum(cost) as cost
     from sms_spend where day = (now() at time zone 'UTC')::date group by tenant_id
   ) s on s.tenant_id = t.id
   order by t.id`,
);

/** @param since as their ids begin that were made since then */
export const deliveriesSince = statement<DeliveryCount, { since: string }>(
  'status.deliveries',
  ($) => sql`select channel, kind, status, count(*)::int as deliveries from delivery where id >= ${$.since}
   group by channel, kind, status order by channel, kind, status`,
);

export const outboxByJob = statement<OutboxCount>(
  'status.outbox',
  sql`select job, count(*) filter (where published_at is null)::int as unpublished,
     count(*) filter (where published_at is not null)::int as published,
     coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as "oldestSeconds"
   from outbox where set_aside_at is null group by job order by job`,
);

export const state = statement<State>(
  'status.state',
  sql`select current_setting('server_version') as postgresql,
     (select name from migration order by id desc limit 1) as "lastMigration",
     (select count(*)::int from lockout where ended_at is null and locked_until > now()) as lockouts,
     coalesce((select extract(epoch from clock_timestamp() - min(created_at)) from outbox
       where published_at is null and set_aside_at is null), 0)::float8 as "unpublishedSeconds",
     coalesce((select extract(epoch from clock_timestamp() - e.time) from ${firstUnsealed('e.time')}), 0)::float8
       as "unsealedSeconds",
     (select count(*)::int from outbox where set_aside_at is not null) as "jobsSetAside",
     (select count(*)::int from unsealable_event) as "eventsSetAside"`,
);

export interface TenantInUse {
  readonly id: string;
  readonly name: string;
  /** Without service users, who have no second factor. */
  readonly users: number;
  /** Of those, with two-factor authentication on. */
  readonly twoFactor: number;
  /** Of this day in UTC. */
  readonly smsToday: number;
  /** As the provider told, in the currency of its account. */
  readonly smsCostToday: string;
}

export interface DeliveryCount {
  readonly channel: string;
  readonly kind: string;
  readonly status: string;
  readonly deliveries: number;
}

export interface OutboxCount {
  readonly job: string;
  readonly unpublished: number;
  readonly published: number;
  readonly oldestSeconds: number;
}

interface State {
  /** As in `18.4`. */
  readonly postgresql: string;
  readonly lastMigration: string | null;
  readonly lockouts: number;
  readonly unpublishedSeconds: number;
  readonly unsealedSeconds: number;
  readonly jobsSetAside: number;
  readonly eventsSetAside: number;
}
