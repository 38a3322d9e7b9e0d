import { eventOfEach, eventOwner, jobFacts, joinOwner, recordEvents, sql, statement } from '#persistence';
import type { JobName } from '#contracts';

/** A delivery under a lease is being sent; one whose next attempt is still to come is waiting on purpose. */
const lost = (by: { lostAfter: string; patience: string }) => sql`
     from outbox o
     left join delivery d on d.id = o.payload ->> 'deliveryId'
     left join webhook_delivery w on w.id = o.payload ->> 'deliveryId'
     where o.published_at < now() - ${by.lostAfter} * interval '1 second' and o.set_aside_at is null
       and greatest(o.published_at, d.next_attempt_at, w.next_attempt_at)
         < now() - least(${by.lostAfter} * o.publications, ${by.patience}) * interval '1 second'
       and (greatest(d.lease_until, w.lease_until) > now()) is not true`;

export const forgetLostPublications = statement<
  { id: string },
  { lostAfter: number; patience: number; limit: number; askedFrom: number }
>(
  'relay-forget-lost-publications',
  ($) => sql`with lost as (
     select o.id ${lost($)} and o.publications < ${$.askedFrom}
     order by o.published_at limit ${$.limit}
     for update of o skip locked
   )
   update outbox o set published_at = null from lost where o.id = lost.id
   returning o.id`,
);

export const readStuckJobs = statement<
  StuckJob,
  { lostAfter: number; patience: number; limit: number; askedFrom: number; jobs: readonly JobName[] }
>(
  'relay-read-stuck-jobs',
  // One that only a newer version knows waits for a newer relay.
  (
    $,
  ) => sql`select o.id, o.job, o.publications ${lost($)} and o.publications >= ${$.askedFrom} and o.job = any (${$.jobs})
   order by o.published_at limit ${$.limit}`,
);

// As it was read, or it has been published meanwhile.
export const publishStuckAgain = statement<{ id: string }, { ids: readonly string[]; publications: readonly number[] }>(
  'relay-publish-stuck-again',
  ($) => sql`update outbox o set published_at = null
   from unnest(${$.ids}::text[], ${$.publications}::int[]) as s(id, publications)
   where o.id = s.id and o.publications = s.publications and o.published_at is not null and o.set_aside_at is null
   returning o.id`,
);

export const setJobsAside = statement<
  SetAsideJob,
  { ids: readonly string[]; publications: readonly number[]; failures: readonly string[]; eventIds: readonly string[] }
>(
  'relay-set-jobs-aside',
  ($) => sql`with aside as (
     update outbox o set set_aside_at = clock_timestamp(), failure = s.failure
     from unnest(${$.ids}::text[], ${$.publications}::int[], ${$.failures}::text[]) as s(id, publications, failure)
     where o.id = s.id and o.publications = s.publications and o.published_at is not null and o.set_aside_at is null
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
  // A queue ignores the id of a job that it has done, so the id names the attempt.
  ($) => sql`insert into outbox (id, job, payload)
   select w.id || '_' || w.fence || '_' || extract(epoch from w.next_attempt_at)::bigint, 'deliver-webhook',
     jsonb_build_object('deliveryId', w.id)
   from webhook_delivery w
   where w.status = 'queued' and w.next_attempt_at <= now() and (w.lease_until > now()) is not true
     and not exists (select from outbox o where o.payload ->> 'deliveryId' = w.id)
   order by w.next_attempt_at limit ${$.limit}
   on conflict (id) do nothing
   returning id`,
);

const expiredColumns = { tenant_id: 'd.tenant_id', ...eventOwner, request_id: 'd.request_id' };
const expiredData = { deliveryId: 'd.id', deviceId: 'd.device_id', method: 'd.channel', attempts: 'd.fence' };

/** Its job goes with it. */
export const expireDeliveries = statement<{ id: string }, { eventIds: readonly string[]; limit: number }>(
  'relay-expire-deliveries',
  ($) => sql`with due as (
     select id from delivery
     where status in ('queued', 'sending') and expires_at <= now()
       and (status = 'queued' or (lease_until > now()) is not true)
     order by expires_at limit ${$.limit}
     for update skip locked
   ),
   ended as (
     update delivery d set status = 'expired', payload_sealed = null, lease_until = null, ended_at = clock_timestamp()
     from due where d.id = due.id
     returning d.id, d.tenant_id, d.user_id, d.device_id, d.challenge_id, d.channel, d.kind, d.fence, d.request_id
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('code.expired', {
       from: sql`ended d ${joinOwner('d.user_id')} where d.kind = 'code'`,
       columns: expiredColumns,
       data: { ...expiredData, challengeId: 'd.challenge_id' },
     }),
     eventOfEach('notice.expired', {
       // Some are for nobody of the panel's users.
       from: sql`ended d left join app_user u on u.id = d.user_id left join account a on a.id = u.account_id
         where d.kind <> 'code'`,
       columns: expiredColumns,
       data: expiredData,
     }),
   )}),
   done as (
     delete from outbox o using ended where o.payload ->> 'deliveryId' = ended.id
   )
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

export interface StuckJob {
  readonly id: string;
  readonly job: JobName;
  readonly publications: number;
}
