import { sql, statement } from '#persistence';

/**
 * Has a delivery that waits for its next attempt tried at once, also where its job was set aside. One that is being sent, or
 * may have been, is left alone: its message could arrive twice.
 */
export const retryDelivery = statement<{ id: string; jobs: number }, { id: string; tenantId: string }>(
  'retry-delivery-now',
  ($) => sql`with waiting as (
     update delivery set next_attempt_at = least(next_attempt_at, clock_timestamp())
     where id = ${$.id} and tenant_id = ${$.tenantId} and status = 'queued' and expires_at > clock_timestamp()
     returning id
   ),
   again as (
     update outbox o set published_at = null, left_until = null, set_aside_at = null, failure = null
     from waiting w where o.payload ->> 'deliveryId' = w.id
     returning o.id
   )
   select id, (select count(*) from again) as jobs from waiting`,
);
