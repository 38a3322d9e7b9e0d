import { changingBatchStatement, sql } from '#persistence';
import type { RouteOrder } from './routes/route-table.js';
import { anywhere } from './routes/trials.js';
import {
  columns,
  inDoubt,
  isOpen,
  mayBeTried,
  milliseconds,
  tellsReceipts,
  waitsForReceipt,
  type Delivery,
} from './delivery-row.sql.js';
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
  /** The route of this attempt, and those of the attempts before it; null for the first. */
  readonly provider: string;
  readonly tried: readonly string[] | null;
  /** The provider whose receipt did not come; null where none was waited for. */
  readonly missed: string | null;
}

export interface Claim {
  readonly id: string;
  /** The routes that are usable now. Where there is none for its country, the delivery is not claimed. */
  readonly routes: RouteOrder;
}

const offered = sql`coalesce(c.routes -> d.country, c.routes -> '${anywhere}')`;
/** The first of them, or of a later attempt the one that was tried least: each before any is tried again. */
const chosen = sql`case when d.fence = 1 then ${offered} ->> 0 else (
      select r.name from jsonb_array_elements_text(${offered}) with ordinality r(name, place)
      order by (select count(*) from delivery_attempt t where t.delivery_id = d.id and t.provider = r.name), r.place limit 1)
    end`;

/**
 * Whether a delivery whose receipt did not come goes out by another route: where its provider tells receipts at all, somebody still
 * waits for the code, and a route is left that it has not tried.
 */
const goesOn = sql`${waitsForReceipt} and ${tellsReceipts('d.provider')}
      and coalesce((select h.status from challenge h where h.id = d.challenge_id), 'pending') = 'pending'
      and (select k.consumed_at from code k where k.subject_id = coalesce(d.challenge_id, d.device_id) and k.device_id = d.device_id) is null
      and exists (
        select from jsonb_array_elements_text(${offered}) r(name)
        where not exists (select from delivery_attempt t where t.delivery_id = d.id and t.provider = r.name))`;

/** What an attempt before it left open is closed by `settle`, or by the delivery's end. */
export const claim = changingBatchStatement<Claimed, Claim>(
  'delivery-claim',
  { id: 'text', routes: 'jsonb' },
  ['id'],
  (asked, orPass) => sql`with ${asked},
  ${holdDeliveries(orPass)},
  claimed as (
    update delivery d
    set status = 'sending', fence = d.fence + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    from held c
    where d.id = c.id and (${isOpen} or ${goesOn}) and (d.lease_until is null or d.lease_until < clock_timestamp())
      and d.next_attempt_at <= clock_timestamp() and d.expires_at > clock_timestamp() and ${mayBeTried}
      and jsonb_array_length(${offered}) > 0
    returning c.n, ${chosen} as provider, ${columns}, d.payload_sealed as "payloadSealed", ${milliseconds('d.expires_at')} as "lifeMs",
      ${milliseconds('d.expires_at', 'd.created_at')} as "spanMs",
      case when d.fence > 1 then (select count(*) ${inDoubt}) else 0 end as "inDoubt",
      case when d.fence > 1 then (select array_agg(t.provider order by t.number) from delivery_attempt t where t.delivery_id = d.id) end as tried,
      case when d.awaits_receipt then d.provider end as missed
  ),
  begun as (
    insert into delivery_attempt (delivery_id, number, provider) select id, fence, provider from claimed
  )
  select n, id, "tenantId", "userId", "deviceId", "challengeId", channel, kind, country, "requestId", fence, "accountExternalId",
    "userExternalId", "payloadSealed", "lifeMs", "spanMs", "inDoubt", provider, tried, missed
  from claimed`,
);
