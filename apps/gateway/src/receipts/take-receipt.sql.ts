import type { DeliveryState, ReceiptState } from '#contracts';
import { addToSpend, costOf } from '#delivery';
import { eventOfEach, eventOwner, joinOwner, recordEvents, sql, statement } from '#persistence';

/** A receipt as its provider told it, in our words. */
export interface Receipt {
  readonly deliveryId: string;
  readonly provider: string;
  /** The provider's id of the message; null where it told none. */
  readonly reference: string | null;
  readonly receipt: ReceiptState;
  /** A short name of ours. */
  readonly error: string | null;
  readonly price: string | null;
  /** When it arrived, as the provider says (ISO 8601); null where it does not. */
  readonly at: string | null;
}

export interface TakenReceipt {
  readonly number: number;
  /** What the delivery was, and what it is now. */
  readonly was: DeliveryState;
  readonly becomes: DeliveryState;
  /** From the beginning of its attempt, in seconds. */
  readonly took: number;
}

/**
 * The delivery of a receipt that names no more than the reference of the operator's own sender: where one has it, and no second
 * one. It is found once the answer with the reference is written down.
 */
export const findByReference = statement<{ deliveryId: string }, { reference: string }>(
  'receipt.find-by-reference',
  ($) => sql`select min(id) as "deliveryId"
   from (select id from delivery where provider = 'http' and provider_reference = ${$.reference} limit 2) found
   having count(*) = 1`,
);

/** Another attempt after this late would reach nobody who still waits. */
const lastMoment = sql`interval '1 second'`;

/**
 * The attempt that a receipt is about: that with its reference, or one that has none yet, since its answer is still on the way or
 * never came. Where several could be meant, `delivered` is true of the delivery whichever it was, and `failed` is of none of them.
 */
const meant = ($: { reference: string; provider: string; receipt: string }) => sql`meant as (
    select m.number from held h cross join lateral (
      select t.number, t.provider_reference = ${$.reference}::text as exact, count(*) over () as found
      from delivery_attempt t
      where t.delivery_id = h.id and t.provider = ${$.provider}
        and (t.provider_reference = ${$.reference}::text or t.provider_reference is null or ${$.reference}::text is null)
      order by exact desc nulls last, t.number desc limit 1
    ) m
    where m.exact or m.found = 1 or ${$.receipt}::text = 'delivered'
  )`;

const owned = { tenant_id: 'd.tenant_id', ...eventOwner, request_id: 'd.request_id' };
const codeData = { deliveryId: 'd.id', deviceId: 'd.device_id', method: 'd.channel', attempts: 'd.fence' };
const ofCode = (becomes: ReceiptState) =>
  sql`ended d ${joinOwner('d.user_id')} where d.becomes = '${becomes}' and d.kind = 'code' and d.device_id is not null`;

/**
 * Writes down what a receipt says, and what its delivery becomes by it. Nothing where it is about no attempt of ours, or says
 * nothing new: `failed` after `delivered` does not count, and neither does a repeat.
 *
 * The delivery is locked first, as by every statement that changes it: what receipts, answers and the clock say of it at the
 * same time is written one after the other. What has arrived is `delivered`, whatever it was taken for before. What has not is
 * tried by the next route at once where it was kept for that; else it is `failed`, unless another attempt of it may have
 * arrived. An attempt whose answer is still on the way is left to `settle`, which finds its number in `failed_attempts`.
 */
export const takeReceipt = statement<TakenReceipt, Receipt & { eventId: string }>(
  'receipt.take',
  ($) => sql`with held as materialized (
    select d.id, d.tenant_id, d.challenge_id, d.channel, d.status, d.fence, d.lease_until, d.next_attempt_at, d.expires_at, d.awaits_receipt,
      coalesce(d.failed_attempts, '{}') as failed
    from delivery d where d.id = ${$.deliveryId} for no key update
  ),
  ${meant($)},
  noted as (
    update delivery_attempt t set
      receipt = ${$.receipt},
      receipt_at = case when ${$.at}::timestamptz between t.started_at and clock_timestamp() then ${$.at}::timestamptz
        else clock_timestamp() end,
      receipt_error = ${$.error},
      price = coalesce(${$.price}, t.price),
      -- Whoever tells what became of a message has taken it, whatever came of its answer.
      spent = coalesce(${costOf(sql`${$.price}::text`)}, t.spent, ${costOf('t.price')}, 0),
      spent_before = t.spent,
      provider_reference = coalesce(t.provider_reference, ${$.reference})
    from held h cross join meant m
    where t.delivery_id = h.id and t.number = m.number and (t.receipt is null or t.receipt = 'failed' and ${$.receipt} = 'delivered')
    returning t.number, t.provider, t.provider_reference, t.ended_at, t.spent, t.spent_before, extract(epoch from (t.receipt_at - t.started_at))::float8 as took
  ),
  -- Those besides it that may have arrived. Which attempts failed, the locked row knows best.
  other as (
    select count(*) filter (where t.outcome is distinct from 'unknown') as under_way, count(*) as all
    from held h join delivery_attempt t on t.delivery_id = h.id
    where t.number not in (select number from noted) and t.number <> all (h.failed)
      and (t.outcome is null or t.outcome in ('sent', 'unknown'))
  ),
  ending as (
    select h.*, n.number, n.provider, n.provider_reference, n.took, case
      when ${$.receipt} = 'delivered' then 'delivered'
      when h.status = 'sent' and o.under_way = 0 then case
        when h.awaits_receipt and h.expires_at > clock_timestamp() + ${lastMoment}
          and coalesce((select c.status from challenge c where c.id = h.challenge_id), 'pending') = 'pending' then 'queued'
        when o.all = 0 then 'failed'
        -- It may have arrived: it waits for its end.
        else 'sending' end
      when h.status = 'sending' and h.lease_until is null and h.next_attempt_at >= h.expires_at and o.all = 0 then 'failed'
      else h.status end as becomes
    from held h cross join noted n cross join other o
  ),
  ended as (
    update delivery d set
      status = e.becomes,
      payload_sealed = null,
      awaits_receipt = false,
      lease_until = null,
      next_attempt_at = case when e.becomes = 'sending' then d.expires_at else d.next_attempt_at end,
      provider = e.provider,
      provider_reference = e.provider_reference,
      error = case when e.becomes <> 'delivered' then ${$.error} end,
      sent_at = case e.becomes when 'delivered' then coalesce(d.sent_at, clock_timestamp()) when 'failed' then d.sent_at end,
      ended_at = case when e.becomes <> 'sending' then clock_timestamp() end,
      failed_attempts = case when ${$.receipt} = 'failed' then array_append(d.failed_attempts, e.number) else d.failed_attempts end
    from ending e
    where d.id = e.id and e.becomes <> e.status and e.becomes <> 'queued'
    returning d.id, d.tenant_id, d.user_id, d.device_id, d.challenge_id, d.channel, d.kind, d.request_id, d.fence, d.provider,
      e.becomes
  ),
  kept as (
    update delivery d set
      status = e.becomes,
      awaits_receipt = d.awaits_receipt and e.becomes = 'sent',
      next_attempt_at = case when e.becomes = e.status then d.next_attempt_at else clock_timestamp() end,
      sent_at = case when e.becomes = e.status then d.sent_at end,
      failed_attempts = array_append(d.failed_attempts, e.number)
    from ending e
    where d.id = e.id and ${$.receipt} = 'failed' and (e.becomes = e.status or e.becomes = 'queued')
    returning d.id, e.becomes
  ),
  done as (
    delete from outbox o using ended e where o.payload ->> 'deliveryId' = e.id
  ),
  -- Its job waits in the queue for the end of the wait: published again, it is done now.
  again as (
    update outbox o set published_at = null, left_until = null from kept k
    where k.becomes = 'queued' and o.payload ->> 'deliveryId' = k.id and o.published_at is not null and o.set_aside_at is null
  ),
  -- On the day on which it was counted.
  spent as (${addToSpend(sql`
      select h.tenant_id, n.spent, n.spent_before,
        (case when n.spent_before is null then now() else coalesce(n.ended_at, now()) end at time zone 'UTC')::date as day
      from noted n cross join held h where h.channel = 'sms'`)}
  ),
  -- Looked at first: the row would be locked by each receipt.
  source as (
    insert into receipt_source as s (provider) select provider from noted
    where not exists (
      select from receipt_source s where s.provider = ${$.provider} and s.missing = 0 and s.last_at > now() - interval '1 minute')
    on conflict (provider) do update set last_at = excluded.last_at, missing = 0
  ),
  recorded as (${recordEvents(
    sql`array[${$.eventId}]`,
    eventOfEach('code.delivered', {
      from: ofCode('delivered'),
      columns: owned,
      data: { ...codeData, challengeId: 'd.challenge_id', provider: 'd.provider' },
    }),
    eventOfEach('code.failed', {
      from: ofCode('failed'),
      columns: owned,
      data: { ...codeData, challengeId: 'd.challenge_id', error: sql`${$.error}::text` },
    }),
    eventOfEach('notice.failed', {
      // Some are for nobody of the panel's users.
      from: sql`ended d left join app_user u on u.id = d.user_id left join account a on a.id = u.account_id
        where d.becomes = 'failed' and d.kind <> 'code'`,
      columns: owned,
      data: { ...codeData, error: sql`${$.error}::text` },
    }),
  )})
  select number, status as was, becomes, took from ending`,
);
