import { sql } from './statement.js';

/**
 * Gives deliveries to webhooks that wait in no other way a job of their own.
 * @param from they, as `w`, with `id`, `tenant_id`, `fence` and `next_attempt_at`, and its conditions
 * @param some which of them, where there may be many
 */
export const ownJobs = (from: string, some = '') =>
  // A queue ignores the id of a job that it has done, so the id names the attempt.
  sql`insert into outbox (id, job, line, payload)
    select w.id || '_' || w.fence || '_' || extract(epoch from w.next_attempt_at)::bigint, 'deliver-webhook', w.tenant_id,
      jsonb_build_object('deliveryId', w.id)
    from ${from} and not exists (select from outbox o where o.payload ->> 'deliveryId' = w.id)
    ${some}
    on conflict (id) do nothing`;
