import { sql, statement } from '#persistence';

/** What waits for its receiver. */
export interface Waiting {
  readonly deliveries: number;
  /** Age of the oldest; 0 where none waits. */
  readonly oldestSeconds: number;
  /** So long one has been waiting whose next attempt is due; 0 where none has. */
  readonly overdueSeconds: number;
}

export const countWaiting = statement<Waiting>(
  'webhook-deliveries-waiting',
  sql`select count(*) as deliveries,
     coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as "oldestSeconds",
     greatest(extract(epoch from clock_timestamp()
       - min(next_attempt_at) filter (where (lease_until > clock_timestamp()) is not true)), 0)::float8 as "overdueSeconds"
   from webhook_delivery where status = 'queued'`,
);

export const countDisabled = statement<{ webhooks: number }>(
  'webhooks-disabled',
  sql`select count(*) as webhooks from webhook where status = 'disabled'`,
);
