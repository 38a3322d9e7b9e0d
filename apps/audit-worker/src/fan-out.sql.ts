import { sql, statement, type Nothing } from '#persistence';

/** An endpoint that is told of events. */
export interface Webhook {
  readonly id: string;
  readonly tenantId: string;
  /** Names, or prefixes as `challenge.*`; null means all. */
  readonly types: readonly string[] | null;
  /** The panel's own id: events of that account only. */
  readonly accountId: string | null;
}

export const readWebhooks = statement<Webhook, { tenantIds: readonly string[] }>(
  'read-webhooks-of-tenants',
  ($) => sql`select id, tenant_id as "tenantId", types, account_id as "accountId"
   from webhook where tenant_id = any (${$.tenantIds}) and status = 'enabled'`,
);

// One that is there already was made by an earlier sealing of a log that was restored since; it must not stop this one.
export const insertDeliveries = statement<
  Nothing,
  {
    ids: readonly string[];
    tenantIds: readonly string[];
    webhookIds: readonly string[];
    /** Whose job each goes by. */
    groupIds: readonly string[];
    eventIds: readonly string[];
    /** Of the sealing that makes them, where traces are on. */
    traceparent: string | undefined;
  }
>(
  'insert-webhook-deliveries',
  ($) => sql`with made as (
     insert into webhook_delivery (id, tenant_id, webhook_id, event_id, group_id)
     select * from unnest(
       ${$.ids}::text[], ${$.tenantIds}::text[], ${$.webhookIds}::text[], ${$.eventIds}::text[], ${$.groupIds}::text[])
     on conflict do nothing
     returning id, tenant_id, group_id
   )
   insert into outbox (id, job, line, payload)
   select group_id, case count(*) when 1 then 'deliver-webhook' else 'deliver-webhooks' end, min(tenant_id),
     jsonb_strip_nulls(jsonb_build_object('traceparent', ${$.traceparent}::text)) || case count(*)
       when 1 then jsonb_build_object('deliveryId', min(id))
       else jsonb_build_object('groupId', group_id, 'deliveryIds', jsonb_agg(id order by id)) end
   from made group by group_id`,
);
