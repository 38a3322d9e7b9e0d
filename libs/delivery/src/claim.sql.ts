import { changingBatchStatement, sql } from '#persistence';
import { columns, inDoubt, mayBeTried, milliseconds, type Delivery } from './delivery-row.sql.js';
import { holdDeliveries } from './hold-deliveries.sql.js';

/** How long an attempt owns its delivery. Waiting for its answer and writing down the outcome must fit in: 5 s + 15 s. */
const leaseSeconds = 30;

export interface Claimed extends Delivery {
  readonly payloadSealed: Buffer | null;
  /** What is left of its life, and the whole of it. */
  readonly lifeMs: number;
  readonly spanMs: number;
  /** Attempts before this one that may have sent. */
  readonly inDoubt: number;
}

export interface Claim {
  readonly id: string;
  readonly provider: string;
}

/** What an attempt before it left open is closed by `settle`, or by the delivery's end. */
export const claim = changingBatchStatement<Claimed, Claim>(
  'delivery-claim',
  { id: 'text', provider: 'text' },
  ['id'],
  (asked, orPass) => sql`with ${asked},
  ${holdDeliveries(orPass)},
  claimed as (
    update delivery d
    set status = 'sending', fence = d.fence + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    from held c
    where d.id = c.id and d.status in ('queued', 'sending') and (d.lease_until is null or d.lease_until < clock_timestamp())
      and d.next_attempt_at <= clock_timestamp() and d.expires_at > clock_timestamp() and ${mayBeTried}
    returning c.n, c.provider, ${columns}, d.payload_sealed as "payloadSealed", ${milliseconds('d.expires_at')} as "lifeMs",
      ${milliseconds('d.expires_at', 'd.created_at')} as "spanMs",
      case when d.fence > 1 then (select count(*) ${inDoubt}) else 0 end as "inDoubt"
  ),
  begun as (
    insert into delivery_attempt (delivery_id, number, provider) select id, fence, provider from claimed
  )
  select n, id, "tenantId", "userId", "deviceId", "challengeId", channel, kind, "requestId", fence, "accountExternalId",
    "userExternalId", "payloadSealed", "lifeMs", "spanMs", "inDoubt"
  from claimed`,
);
