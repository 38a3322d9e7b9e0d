import { jobNames, newId, type JobName } from '#contracts';
import type { JobPublisher } from '#messaging';
import { jobFacts, sql, statement, type Database } from '#persistence';
import { publishedId } from './publish-outbox.js';

/** Rows that one statement touches, so that no transaction grows with the backlog. */
export const reconcileBatch = 500;

/** Batches of one kind in one turn: a backlog of one kind must not keep the others waiting. */
const batchesPerTurn = 20;

/**
 * A job is normally done within a second of its publication. After 15 s, longer than one try at a provider (10 s), it is
 * taken for lost: the queue emptied, or its worker killed.
 */
const lostAfterSeconds = 15;

/** Each publication waits longer for its effect, up to 5 minutes: behind a long queue, copies would make it longer. */
const longestPatienceSeconds = 300;

/**
 * So often a job is published until it is asked how it fares; together with the patience above that is a quarter of an
 * hour. One that no worker has begun is published on and on: workers may be away for longer.
 */
const publicationsUntilAsked = 10;

/** Jobs that are asked after in one turn; each is a question to the queue. */
const askedPerTurn = 200;

/** A delivery under a lease is being sent; one whose next attempt is still to come is waiting on purpose. */
const lost = (by: { lostAfter: string; patience: string }) => sql`
     from outbox o
     left join delivery d on d.id = o.payload ->> 'deliveryId'
     where o.published_at < now() - ${by.lostAfter} * interval '1 second' and o.set_aside_at is null
       and greatest(o.published_at, d.next_attempt_at)
         < now() - least(${by.lostAfter} * o.publications, ${by.patience}) * interval '1 second'
       and (d.lease_until > now()) is not true`;

const forgetLostPublications = statement<
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

const readStuckJobs = statement<
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
const publishStuckAgain = statement<{ id: string }, { ids: readonly string[]; publications: readonly number[] }>(
  'relay-publish-stuck-again',
  ($) => sql`update outbox o set published_at = null
   from unnest(${$.ids}::text[], ${$.publications}::int[]) as s(id, publications)
   where o.id = s.id and o.publications = s.publications and o.published_at is not null and o.set_aside_at is null
   returning o.id`,
);

const setJobsAside = statement<
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
     select j.*, f.*, row_number() over () as n from aside j ${jobFacts('j')}
   ),
   recorded as (
     insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
     select (${$.eventIds}::text[])[t.n], t.tenant_id, 'job.set_aside', t.account_id, t.user_id, t.user_ref,
       jsonb_build_object('jobId', t.id, 'job', t.job, 'publications', t.publications, 'failure', t.failure)
     from told t where t.tenant_id is not null
   )
   select id, job, failure, publications from told`,
);

const countSetAside = statement<{ jobs: number }>(
  'relay-count-jobs-set-aside',
  sql`select count(*) as jobs from outbox where set_aside_at is not null`,
);

/** Its job goes with it. */
const expireDeliveries = statement<{ id: string }, { eventIds: readonly string[]; limit: number }>(
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
   told as (
     select ended.*, row_number() over () as n from ended
   ),
   recorded as (
     insert into event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data)
     select (${$.eventIds}::text[])[t.n], t.tenant_id, case t.kind when 'code' then 'code.expired' else 'notice.expired' end,
       a.external_id, u.external_id, u.id, t.request_id,
       jsonb_strip_nulls(jsonb_build_object('deliveryId', t.id, 'deviceId', t.device_id, 'method', t.channel,
         'challengeId', t.challenge_id, 'attempts', t.fence))
     from told t
     join app_user u on u.id = t.user_id
     join account a on a.id = u.account_id
   ),
   done as (
     delete from outbox o using ended where o.payload ->> 'deliveryId' = ended.id
   )
   select id from ended`,
);

const expireChallenges = statement<{ id: string }, { eventIds: readonly string[]; limit: number }>(
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
   told as (
     select ended.*, row_number() over () as n from ended
   ),
   recorded as (
     insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
     select (${$.eventIds}::text[])[t.n], t.tenant_id, 'challenge.expired', a.external_id, u.external_id, u.id,
       jsonb_strip_nulls(
         jsonb_build_object('challengeId', t.id, 'purpose', t.purpose, 'application', t.application))
     from told t
     join app_user u on u.id = t.user_id
     join account a on a.id = u.account_id
   )
   select id from ended`,
);

/** Rows that are removed at once: few enough to be found by the key of each, however many there are. */
const purgeBatch = 1000;

/**
 * Removes rows of one table that nothing asks about any more, a batch at a time, the oldest first.
 * @param time the column that says when its time is over; it has an index
 */
function purge(table: string, key: string, time: string, due: string, more = 'true') {
  const columns = key.split(', ');
  return statement<object>(
    `relay-purge-${table}`,
    sql`with due as materialized (
       select ${key} from ${table} where ${time} ${due} and ${more} order by ${time} limit ${purgeBatch}
       for update skip locked
     )
     delete from ${table} t using due where ${columns.map((column) => `t.${column} = due.${column}`).join(' and ')}
     returning 1`,
  );
}

const purges = [
  purge('idempotent_answer', 'key', 'expires_at', '<= now()'),
  purge('used_proof', 'id', 'expires_at', '<= now()'),
  purge('trusted_browser', 'id', 'expires_at', '<= now()'),
  // A day longer than it lives: a late code is then still told from a wrong one.
  purge('code', 'subject_id, device_id', 'expires_at', sql`< now() - interval '1 day'`),
  // Three days: "today" in the accounts' time zones spans up to three dates.
  purge('send_window', 'key, starts_at', 'starts_at', sql`< now() - interval '3 days'`),
  purge('send_pace', 'key', 'ready_at', sql`< now() - interval '1 day'`),
  // Two months, for whoever asks what the last one cost.
  purge('sms_spend', 'tenant_id, day, part', 'day', '< current_date - 62'),
  purge('address_guess', 'key', 'last_at', sql`< now() - interval '1 day'`),
  // An hour longer than it lives: a late code is then still told that it is late.
  purge('device', 'id', 'enrolment_expires_at', sql`< now() - interval '1 hour'`, `status = 'unverified'`),
];

export interface SetAsideJob {
  readonly id: string;
  readonly job: string;
  /** Kind of its last fault. */
  readonly failure: string;
  readonly publications: number;
}

export interface Reconciled {
  /** Jobs that will be published again. */
  readonly lost: number;
  /** Jobs that will not be published any more, since they always fail. */
  readonly setAside: readonly SetAsideJob[];
  readonly deliveries: number;
  readonly challenges: number;
  /** Whether there is more of something than one turn does. */
  readonly more: boolean;
}

type FaultsOfJobs = Pick<JobPublisher, 'faultOf'>;

/**
 * What time alone makes due: jobs that were lost are published again, deliveries and challenges expire. Several relays
 * may do it at once: each skips the rows that another one holds.
 * @param publisher tells which jobs always fail; without it, all are published again
 */
export async function reconcile(database: Database, publisher?: FaultsOfJobs): Promise<Reconciled> {
  const eventIds = () => Array.from({ length: reconcileBatch }, () => newId('event'));
  const inBatches = (run: () => Promise<unknown[]>) => repeatBatches(async () => (await run()).length);
  const deliveries = await inBatches(() =>
    database.query(expireDeliveries, { eventIds: eventIds(), limit: reconcileBatch }),
  );
  const challenges = await inBatches(() =>
    database.query(expireChallenges, { eventIds: eventIds(), limit: reconcileBatch }),
  );
  // After the expiries: what has expired is not worth another publication.
  const askedFrom = publisher ? publicationsUntilAsked : mostPublications;
  const patience = { lostAfter: lostAfterSeconds, patience: longestPatienceSeconds };
  const forgotten = await inBatches(() =>
    database.query(forgetLostPublications, { ...patience, limit: reconcileBatch, askedFrom }),
  );
  const more = [deliveries, challenges, forgotten].includes(batchesPerTurn * reconcileBatch);
  if (!publisher) return { deliveries, challenges, lost: forgotten, setAside: [], more };
  const stuck = await database.query(readStuckJobs, {
    ...patience,
    limit: askedPerTurn,
    askedFrom: publicationsUntilAsked,
    jobs: jobNames,
  });
  const { again, setAside } = await judge(database, publisher, stuck);
  return { deliveries, challenges, lost: forgotten + again, setAside, more };
}

/** More than any row has: an integer of PostgreSQL at its largest. */
const mostPublications = 2 ** 31 - 1;

interface StuckJob {
  readonly id: string;
  readonly job: JobName;
  readonly publications: number;
}

/** Sets those aside that a worker began and did not finish, and has the others published again. */
async function judge(
  database: Database,
  publisher: FaultsOfJobs,
  stuck: readonly StuckJob[],
): Promise<{ again: number; setAside: readonly SetAsideJob[] }> {
  const failing: (StuckJob & { failure: string })[] = [];
  const waiting: StuckJob[] = [];
  for (const row of stuck) {
    const failure = await publisher.faultOf(row.job, publishedId(row.id, row.publications - 1));
    if (failure === undefined) waiting.push(row);
    else failing.push({ ...row, failure });
  }
  const ids = (rows: readonly StuckJob[]) => ({
    ids: rows.map(({ id }) => id),
    publications: rows.map(({ publications }) => publications),
  });
  const again = waiting.length === 0 ? [] : await database.query(publishStuckAgain, ids(waiting));
  if (failing.length === 0) return { again: again.length, setAside: [] };
  const setAside = await database.query(setJobsAside, {
    ...ids(failing),
    failures: failing.map(({ failure }) => failure),
    eventIds: failing.map(() => newId('event')),
  });
  return { again: again.length, setAside };
}

/** How many jobs wait for an operator. */
export async function setAsideJobs(database: Database): Promise<number> {
  return (await database.one(countSetAside))?.jobs ?? 0;
}

export interface Purged {
  readonly removed: number;
  /** Whether a table has more of it than one turn removes. */
  readonly more: boolean;
}

/** Removes what is no longer needed, some batches of each table. */
export async function purgeExpired(database: Database): Promise<Purged> {
  let removed = 0;
  let more = false;
  for (const statement of purges) {
    const count = await repeatBatches(async () => (await database.query(statement)).length, purgeBatch);
    removed += count;
    more ||= count === batchesPerTurn * purgeBatch;
  }
  return { removed, more };
}

async function repeatBatches(batch: () => Promise<number>, size: number = reconcileBatch): Promise<number> {
  let total = 0;
  for (let round = 0; round < batchesPerTurn; round += 1) {
    const count = await batch();
    total += count;
    if (count < size) break;
  }
  return total;
}
