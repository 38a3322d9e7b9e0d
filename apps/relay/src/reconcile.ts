import { newId } from '#contracts';
import { statement, type Database } from '#persistence';

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

/** A delivery under a lease is being sent; one whose next attempt is still to come is waiting on purpose. */
const forgetLostPublications = statement(
  'relay-forget-lost-publications',
  `with lost as (
     select o.id from outbox o
     left join delivery d on d.id = o.payload ->> 'deliveryId'
     where o.published_at < now() - $1 * interval '1 second'
       and greatest(o.published_at, d.next_attempt_at)
         < now() - least($1 * o.publications, $2) * interval '1 second'
       and (d.lease_until > now()) is not true
     order by o.published_at limit $3
     for update of o skip locked
   )
   update outbox o set published_at = null from lost where o.id = lost.id
   returning o.id`,
);

/** Its job goes with it. Only codes have an event: nobody waits for a notice. */
const expireDeliveries = statement(
  'relay-expire-deliveries',
  `with due as (
     select id from delivery
     where status in ('queued', 'sending') and expires_at <= now()
       and (status = 'queued' or (lease_until > now()) is not true)
     order by expires_at limit $2
     for update skip locked
   ),
   ended as (
     update delivery d set status = 'expired', payload_sealed = null, lease_until = null, ended_at = clock_timestamp()
     from due where d.id = due.id
     returning d.id, d.tenant_id, d.user_id, d.device_id, d.challenge_id, d.channel, d.kind, d.fence, d.request_id
   ),
   told as (
     select ended.*, row_number() over () as n from ended where kind = 'code'
   ),
   recorded as (
     insert into event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data)
     select ($1::text[])[t.n], t.tenant_id, 'code.expired', a.external_id, u.external_id, u.id, t.request_id,
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

const expireChallenges = statement(
  'relay-expire-challenges',
  `with due as (
     select id from challenge
     where status = 'pending' and expires_at <= now()
     order by expires_at limit $2
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
     select ($1::text[])[t.n], t.tenant_id, 'challenge.expired', a.external_id, u.external_id, u.id,
       jsonb_strip_nulls(
         jsonb_build_object('challengeId', t.id, 'purpose', t.purpose, 'application', t.application))
     from told t
     join app_user u on u.id = t.user_id
     join account a on a.id = u.account_id
   )
   select id from ended`,
);

/** Removes rows of one table that nothing asks about any more, a batch at a time. */
function purge(table: string, key: string, condition: string) {
  return statement(
    `relay-purge-${table}`,
    `delete from ${table} where (${key}) in (
       select ${key} from ${table} where ${condition} limit $1 for update skip locked
     ) returning 1`,
  );
}

const purges = [
  purge('idempotent_answer', 'key', 'expires_at <= now()'),
  purge('used_proof', 'id', 'expires_at <= now()'),
  purge('trusted_browser', 'id', 'expires_at <= now()'),
  // A day longer than it lives: a late code is then still told from a wrong one.
  purge('code', 'subject_id, device_id', `expires_at < now() - interval '1 day'`),
  // Three days: "today" in the accounts' time zones spans up to three dates.
  purge('send_window', 'key, starts_at', `starts_at < now() - interval '3 days'`),
  purge('send_pace', 'key', `ready_at < now() - interval '1 day'`),
  // Two months, for whoever asks what the last one cost.
  purge('sms_spend', 'tenant_id, day, part', 'day < current_date - 62'),
  purge('address_guess', 'key', `last_at < now() - interval '1 day'`),
  // An hour longer than it lives: a late code is then still told that it is late.
  purge('device', 'id', `status = 'unverified' and enrolment_expires_at < now() - interval '1 hour'`),
];

/**
 * What time alone makes due: jobs that were lost are published again, deliveries and challenges expire. Several relays
 * may do it at once: each skips the rows that another one holds.
 */
export async function reconcile(database: Database): Promise<{ lost: number; deliveries: number; challenges: number }> {
  const eventIds = () => Array.from({ length: reconcileBatch }, () => newId('event'));
  const inBatches = (run: () => Promise<unknown[]>) => repeatBatches(async () => (await run()).length);
  return {
    deliveries: await inBatches(() => database.query(expireDeliveries, [eventIds(), reconcileBatch])),
    challenges: await inBatches(() => database.query(expireChallenges, [eventIds(), reconcileBatch])),
    // After the expiries: what has expired is not worth another publication.
    lost: await inBatches(() =>
      database.query(forgetLostPublications, [lostAfterSeconds, longestPatienceSeconds, reconcileBatch]),
    ),
  };
}

/** Removes what is no longer needed. @returns how many rows */
export async function purgeExpired(database: Database): Promise<number> {
  let removed = 0;
  for (const statement of purges) {
    removed += await repeatBatches(async () => (await database.query(statement, [reconcileBatch])).length);
  }
  return removed;
}

async function repeatBatches(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let round = 0; round < batchesPerTurn; round += 1) {
    const count = await batch();
    total += count;
    if (count < reconcileBatch) break;
  }
  return total;
}
