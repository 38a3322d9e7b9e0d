import {
  appendEvents,
  isoMicroseconds,
  sql,
  statement,
  subsets,
  type Placeholders,
  type Statement,
} from '#persistence';

interface Listing {
  readonly webhookId: string;
  readonly tenantId: string;
  /** The last delivery of the page before; null for the first page. */
  readonly before: string | null;
  readonly limit: number;
  readonly status?: string | undefined;
}

export interface DeliveryRow {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly redeliveryOf: string | null;
  readonly status: 'queued' | 'delivered' | 'failed' | 'canceled';
  readonly nextAttemptAt: Date;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  /** Times as PostgreSQL writes them in JSON. */
  readonly attempts: {
    readonly number: number;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly httpStatus: number | null;
    readonly error: string | null;
    readonly durationMs: number | null;
  }[];
}

const byStatus = { status: ($: Placeholders<Listing>) => sql`and d.status = ${$.status}` };

/** The latest first; with and without a status, so that each has an index of its own. */
const lists = new Map(
  subsets(['status'] as const).map((given) => [
    given.join(),
    statement<DeliveryRow, Listing>(
      `webhook-delivery.list${given.map((name) => `-${name}`).join('')}`,
      (
        $,
      ) => sql`select d.id, d.event_id as "eventId", e.type as "eventType", d.redelivery_of as "redeliveryOf", d.status,
       d.next_attempt_at as "nextAttemptAt", d.created_at as "createdAt", d.ended_at as "endedAt",
       (select coalesce(json_agg(json_build_object('number', t.number, 'startedAt', t.started_at, 'endedAt', t.ended_at,
          'httpStatus', t.http_status, 'error', t.error, 'durationMs', t.duration_ms) order by t.number), '[]')
        from webhook_attempt t where t.delivery_id = d.id) as attempts
     from (
       select case when ${$.before}::text is null then 'infinity' else max(created_at) end as at, coalesce(max(id), '') as id
       from webhook_delivery where id = ${$.before}
     ) place
     join webhook_delivery d on (d.created_at, d.id) < (place.at, place.id)
     join event e on e.id = d.event_id
     where d.webhook_id = ${$.webhookId} and d.tenant_id = ${$.tenantId} ${given.map((name) => byStatus[name]($)).join('')}
     order by d.created_at desc, d.id desc limit ${$.limit}`,
    ),
  ]),
);

/** The statement of a list with or without a status. */
export const selectDeliveries = (status: string | undefined) =>
  lists.get(status === undefined ? '' : 'status') as Statement<DeliveryRow, Listing>;

const enabled = ($: { readonly webhookId: string; readonly tenantId: string }) =>
  sql`select id from webhook where id = ${$.webhookId} and tenant_id = ${$.tenantId} and status = 'enabled'`;

const patch = (deliveries: string) =>
  sql`jsonb_build_object('webhook.redelivered', jsonb_build_object('deliveries', ${deliveries}))`;

const jobsOf = (made: string, traceparent: string) => sql`
  jobs as (
    insert into outbox (id, job, line, payload)
    select id, 'deliver-webhook', tenant_id,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'traceparent', ${traceparent}::text))
    from ${made}
  )`;

export const redeliver = statement<
  { id: string },
  {
    webhookId: string;
    tenantId: string;
    deliveryId: string;
    newId: string;
    events: string;
    traceparent: string | undefined;
  }
>(
  'webhook-delivery.redeliver',
  ($) => sql`with target as (${enabled($)}),
   made as (
     insert into webhook_delivery (id, tenant_id, webhook_id, event_id, redelivery_of)
     select ${$.newId}, d.tenant_id, d.webhook_id, d.event_id, d.id
     from webhook_delivery d join target on target.id = d.webhook_id
     where d.id = ${$.deliveryId} and d.tenant_id = ${$.tenantId} and d.status <> 'queued'
     returning id, tenant_id
   ),
   ${jobsOf('made', $.traceparent)},
   guard as (select array[]::text[] as outcomes, ${patch('1')} as patch from made), ${appendEvents($.events, 'guard')}
   select id from made`,
);

export const selectStanding = statement<
  { status: string | null; webhookStatus: string },
  { webhookId: string; tenantId: string; deliveryId: string }
>(
  'webhook-delivery.standing',
  ($) => sql`select d.status, w.status as "webhookStatus"
   from webhook w left join webhook_delivery d on d.webhook_id = w.id and d.id = ${$.deliveryId}
   where w.id = ${$.webhookId} and w.tenant_id = ${$.tenantId}`,
);

interface Many {
  readonly webhookId: string;
  readonly tenantId: string;
  readonly from: string;
  readonly to: string | null;
  readonly failedOnly: boolean;
  /** One for each delivery that is made: as many are, at most. */
  readonly newIds: readonly string[];
  readonly events: string;
  /** Of the call, where traces are on. */
  readonly traceparent: string | undefined;
}

// What is on its way is left alone. Of an event that was sent several times, its first delivery stands for all.
export const redeliverMany = statement<{ deliveries: number; continueFrom: string | null }, Many>(
  'webhook-delivery.redeliver-many',
  ($) => sql`with target as (${enabled($)}),
   found as (
     select d.*, (row_number() over (order by d.created_at, d.id))::int as place
     from webhook_delivery d join target on target.id = d.webhook_id
     where d.tenant_id = ${$.tenantId} and d.created_at >= ${$.from} and d.created_at < coalesce(${$.to}::timestamptz, now())
       and d.redelivery_of is null and d.status <> 'queued' and (d.status <> 'delivered' or not ${$.failedOnly})
       and not exists (
         select from webhook_delivery n
         where n.webhook_id = d.webhook_id and n.event_id = d.event_id and n.redelivery_of is not null
           and (n.status = 'queued' or n.status = 'delivered' and ${$.failedOnly}))
     order by d.created_at, d.id limit cardinality(${$.newIds}::text[]) + 1
   ),
   made as (
     insert into webhook_delivery (id, tenant_id, webhook_id, event_id, redelivery_of)
     select (${$.newIds}::text[])[place], tenant_id, webhook_id, event_id, id
     from found where place <= cardinality(${$.newIds}::text[])
     returning id, tenant_id
   ),
   ${jobsOf('made', $.traceparent)},
   told as (
     select (select count(*) from made) as deliveries,
       (select created_at from found where place > cardinality(${$.newIds}::text[])) as next
   ),
   guard as (
     select array[]::text[] as outcomes, ${patch('deliveries')} as patch from told where deliveries > 0
   ), ${appendEvents($.events, 'guard')}
   select told.deliveries, ${isoMicroseconds('told.next')} as "continueFrom" from told join target on true`,
);
