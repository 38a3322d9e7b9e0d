import { sql } from './statement.js';
/**
 * What a job of the outbox is about, as far as it can still be told: columns `tenant_id`, `account_id`, `user_id` and
 * `user_ref` of `f`. A row of the outbox has the id of the event or of the delivery (of a message or to a webhook) that started it, and so may its
 * payload, whatever else is wrong with that.
 * @param job alias of the row
 */
export function jobFacts(job: string): string {
  return sql`
     left join delivery jd on jd.id = coalesce(${job}.payload ->> 'deliveryId', ${job}.id)
     left join webhook_delivery jw on jw.id = coalesce(${job}.payload ->> 'deliveryId', ${job}.id)
     left join event je on je.id = coalesce(${job}.payload ->> 'eventId', ${job}.id)
     left join lateral (
       select coalesce(jd.tenant_id, jw.tenant_id, je.tenant_id) as tenant_id, a.external_id as account_id, u.external_id as user_id,
         u.id as user_ref
       from (select 1) one
       left join app_user u
         on u.id = coalesce(jd.user_id, je.user_ref) and u.tenant_id = coalesce(jd.tenant_id, je.tenant_id)
       left join account a on a.id = u.account_id
     ) f on true`;
}
