import { eventOfEach, eventOwner, jobFacts, joinOwner, ownJobs, recordEvents, sql, statement } from '#persistence';
import type { JobName } from '#contracts';

/** Looked up one by one: joined, PostgreSQL would read all that there ever were. */
const ofDelivery = (table: string, alias: string) => sql`left join lateral (
       select next_attempt_at, lease_until from ${table} where id = o.payload ->> 'deliveryId' limit 1
     ) ${alias} on true`;

/**
 * Jobs that were published and should have had their effect, those first that have been waiting longest. A delivery under a
 * lease is being sent; one whose next attempt is still to come is waiting on purpose. One that only a newer version knows waits
 * for a newer relay.
 */
export const readOverdueJobs = statement<
  OverdueJob,
  { lostAfter: number; patience: number; limit: number; jobs: readonly JobName[] }
>(
  'relay-read-overdue-jobs',
  ($) => sql`select o.id, o.job, o.publications
     from outbox o
     ${ofDelivery('delivery', 'd')}
     ${ofDelivery('webhook_delivery', 'w')}
     where o.published_at is not null and o.set_aside_at is null
       and greatest(o.published_at, o.left_until) < now() - ${$.lostAfter} * interval '1 second'
       and greatest(o.published_at, d.next_attempt_at, w.next_attempt_at)
         < now() - least(${$.lostAfter} * o.publications, ${$.patience}) * interval '1 second'
       and (greatest(d.lease_until, w.lease_until) > now()) is not true and o.job = any (${$.jobs})
   order by greatest(o.published_at, o.left_until) limit ${$.limit}`,
);

/** What is written of an overdue job is so only as it was read, or it has been published meanwhile. */
interface AsRead {
  readonly ids: readonly string[];
  readonly publications: readonly number[];
}

const asRead = sql`o.id = s.id and o.publications = s.publications and o.published_at is not null
   and o.set_aside_at is null`;
const rowsRead = ($: { ids: string; publications: string }) =>
  sql`from unnest(${$.ids}::text[], ${$.publications}::int[]) as s(id, publications)`;

export const publishAgain = statement<{ id: string }, AsRead>(
  'relay-publish-again',
  ($) => sql`update outbox o set published_at = null, left_until = null ${rowsRead($)} where ${asRead} returning o.id`,
);

/** Those that wait in their queue are left alone for as long again as they have been waiting, but no longer than `longest`. */
export const leaveAlone = statement<{ id: string }, AsRead & { longest: number }>(
  'relay-leave-waiting-jobs-alone',
  ($) => sql`update outbox o
   set left_until = now() + least(now() - o.published_at, ${$.longest} * interval '1 second')
   ${rowsRead($)} where ${asRead} returning o.id`,
);

export const setJobsAside = statement<
  SetAsideJob,
  AsRead & { failures: readonly string[]; eventIds: readonly string[] }
>(
  'relay-set-jobs-aside',
  ($) => sql`with aside as (
     update outbox o set set_aside_at = clock_timestamp(), failure = s.failure
     from unnest(${$.ids}::text[], ${$.publications}::int[], ${$.failures}::text[]) as s(id, publications, failure)
     where ${asRead}
     returning o.id, o.job, o.payload, o.publications, o.failure
   ),
   told as (
     select j.*, f.* from aside j ${jobFacts('j')}
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('job.set_aside', {
       from: sql`told t where t.tenant_id is not null`,
       columns: { tenant_id: 't.tenant_id', account_id: 't.account_id', user_id: 't.user_id', user_ref: 't.user_ref' },
       data: { jobId: 't.id', job: 't.job', publications: 't.publications', failure: 't.failure' },
     }),
   )})
   select id, job, failure, publications from told`,
);

export const countSetAside = statement<{ jobs: number }>(
  'relay-count-jobs-set-aside',
  sql`select count(*) as jobs from outbox where set_aside_at is not null`,
);

/**
 * Deliveries to webhooks whose time has come and that nobody has in hand: a job of each is put into the outbox. While they
 * wait for hours they are in no queue. One whose job is there still is the business of the statements above.
 */
export const bringBackWebhooks = statement<{ id: string }, { limit: number }>(
  'relay-bring-back-webhooks',
  ($) =>
    sql`${ownJobs(
      sql`webhook_delivery w
   where w.status = 'queued' and w.next_attempt_at <= now() and (w.lease_until > now()) is not true
     and not exists (select from outbox o where o.id = w.group_id)`,
      sql`order by w.next_attempt_at limit ${$.limit}`,
    )} returning id`,
);

const expiredColumns = { tenant_id: 'd.tenant_id', ...eventOwner, request_id: 'd.request_id' };
const expiredData = { deliveryId: 'd.id', deviceId: 'd.device_id', method: 'd.channel', attempts: 'd.fence' };

/**
 * One that an attempt before has sent was sent. Its job goes with it; what was published of it is still in the queue.
 */
export const expireDeliveries = statement<ExpiredDelivery, { eventIds: readonly string[]; limit: number }>(
  'relay-expire-deliveries',
  ($) => sql`with due as (
     select id from delivery
     where status in ('queued', 'sending') and expires_at <= now()
       and (status = 'queued' or (lease_until > now()) is not true)
     order by expires_at limit ${$.limit}
     for update skip locked
   ),
   ended as (
     update delivery d set status = case when d.sent_at is null then 'expired' else 'sent' end, payload_sealed = null,
       lease_until = null, awaits_receipt = false, ended_at = case when d.sent_at is null then clock_timestamp() end
     from due where d.id = due.id
     returning d.status, d.id, d.tenant_id, d.user_id, d.device_id, d.challenge_id, d.channel, d.kind, d.fence, d.request_id
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('code.expired', {
       from: sql`ended d ${joinOwner('d.user_id')} where d.kind = 'code' and d.status = 'expired'`,
       columns: expiredColumns,
       data: { ...expiredData, challengeId: 'd.challenge_id' },
     }),
     eventOfEach('notice.expired', {
       // Some are for nobody of the panel's users.
       from: sql`ended d left join app_user u on u.id = d.user_id left join account a on a.id = u.account_id
         where d.kind <> 'code' and d.status = 'expired'`,
       columns: expiredColumns,
       data: expiredData,
     }),
   )}),
   done as (
     delete from outbox o using ended where o.payload ->> 'deliveryId' = ended.id
     returning ended.id, o.id as "jobId", o.job, o.publications
   )
   select e.id, d."jobId", d.job, d.publications from ended e left join done d on d.id = e.id`,
);

/** Deliveries that were sent and whose life is over while their receipt is waited for: their secrets go, and their jobs. */
export const endReceiptWaits = statement<{ id: string }, { limit: number }>(
  'relay-end-receipt-waits',
  ($) => sql`with due as (
     select id from delivery where awaits_receipt and status = 'sent' and expires_at <= now()
     order by expires_at limit ${$.limit} for update skip locked
   ),
   ended as (
     update delivery d set payload_sealed = null, awaits_receipt = false from due where d.id = due.id returning d.id
   ),
   done as (delete from outbox o using ended where o.payload ->> 'deliveryId' = ended.id)
   select id from ended`,
);

export const expireChallenges = statement<{ id: string }, { eventIds: readonly string[]; limit: number }>(
  'relay-expire-challenges',
  ($) => sql`with due as (
     select id from challenge
     where status = 'pending' and expires_at <= now()
     order by expires_at limit ${$.limit}
     for update skip locked
   ),
   ended as (
     update challenge c set status = 'expired', ended_at = clock_timestamp()
     from due where c.id = due.id
     returning c.id, c.tenant_id, c.user_id, c.purpose, c.application
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('challenge.expired', {
       from: sql`ended c ${joinOwner('c.user_id')}`,
       columns: { tenant_id: 'c.tenant_id', ...eventOwner },
       data: { challengeId: 'c.id', purpose: 'c.purpose', application: 'c.application' },
     }),
   )})
   select id from ended`,
);

export interface SetAsideJob {
  readonly id: string;
  readonly job: string;
  /** Kind of its last fault. */
  readonly failure: string;
  readonly publications: number;
}

export interface OverdueJob {
  readonly id: string;
  readonly job: JobName;
  readonly publications: number;
}

export interface ExpiredDelivery {
  readonly id: string;
  /** Of its row in the outbox; null where there was none any more. */
  readonly jobId: string | null;
  readonly job: JobName | null;
  readonly publications: number | null;
}
