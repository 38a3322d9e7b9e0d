import { jobNames, newId } from '#contracts';
import type { JobPublisher, Published } from '#messaging';
import type { Database } from '#persistence';
import { publishedId } from './publish-outbox.js';
import { batchesPerTurn, repeatBatches } from './repeat-batches.js';
import {
  bringBackWebhooks,
  countSetAside,
  endReceiptWaits,
  expireChallenges,
  expireDeliveries,
  leaveAlone,
  publishAgain,
  readOverdueJobs,
  setJobsAside,
  type ExpiredDelivery,
  type OverdueJob,
  type SetAsideJob,
} from './reconcile.sql.js';

/** Rows that one statement touches, so that no transaction grows with the backlog. */
export const reconcileBatch = 500;

/**
 * A job is normally done within a second of its publication. After 15 s, longer than one try at a provider (10 s), its queue
 * is asked after it: the queue may have been emptied, or its worker killed.
 */
const lostAfterSeconds = 15;

/** Each publication waits longer for its effect, up to 5 minutes. */
const longestPatienceSeconds = 300;

/** One that was found waiting in its queue is asked after again after the time it has waited, and at the latest a minute later. */
const longestLeftSeconds = 60 - lostAfterSeconds;

/**
 * So often a job is published until it is asked how it fares; together with the patience above that is a quarter of an
 * hour. One that no worker has begun is published on and on: workers may be away for longer.
 */
const publicationsUntilAsked = 10;

export interface Reconciled {
  /** Jobs that will be published again. */
  readonly lost: number;
  /** Jobs that wait in their queue, and are left there. */
  readonly waiting: number;
  /** Jobs that will not be published any more, since they always fail. */
  readonly setAside: readonly SetAsideJob[];
  readonly deliveries: number;
  readonly challenges: number;
  /** Deliveries to webhooks whose time to be tried again has come. */
  readonly webhooks: number;
  /** Whether there is more of something than one turn does. */
  readonly more: boolean;
}

/** What the queues know of jobs that were published. */
type PublishedJobs = Pick<JobPublisher, 'faultOf' | 'waiting' | 'remove'>;

/** Queues that know nothing: all that is overdue counts as lost. */
const knowNothing: PublishedJobs = {
  faultOf: async () => undefined,
  waiting: async () => new Set(),
  remove: async () => undefined,
};

/**
 * What time alone makes due: jobs that were lost are published again, deliveries and challenges expire. Several relays
 * may do it at once: each skips the rows that another one holds.
 * @throws where the database or the queue is away; what needs no queue is done by then
 */
export async function reconcile(database: Database, queues: PublishedJobs = knowNothing): Promise<Reconciled> {
  const eventIds = () => Array.from({ length: reconcileBatch }, () => newId('event'));
  const inBatches = (run: () => Promise<unknown[]>) => repeatBatches(async () => (await run()).length, reconcileBatch);
  const expired: ExpiredDelivery[] = [];
  const deliveries = await inBatches(async () => {
    const ended = await database.query(expireDeliveries, { eventIds: eventIds(), limit: reconcileBatch });
    expired.push(...ended);
    return ended;
  });
  const challenges = await inBatches(() =>
    database.query(expireChallenges, { eventIds: eventIds(), limit: reconcileBatch }),
  );
  const webhooks = await inBatches(() => database.query(bringBackWebhooks, { limit: reconcileBatch }));
  await inBatches(() => database.query(endReceiptWaits, { limit: reconcileBatch }));
  await dropExpired(queues, expired);
  // After the expiries: what has expired is not worth another publication.
  const found = { lost: 0, waiting: 0, setAside: [] as SetAsideJob[] };
  const overdue = await inBatches(async () => {
    const jobs = await database.query(readOverdueJobs, {
      lostAfter: lostAfterSeconds,
      patience: longestPatienceSeconds,
      limit: reconcileBatch,
      jobs: jobNames,
    });
    const { lost, waiting, setAside } = await lookAfter(database, queues, jobs);
    found.lost += lost;
    found.waiting += waiting;
    found.setAside.push(...setAside);
    return jobs;
  });
  const more = [deliveries, challenges, webhooks, overdue].includes(batchesPerTurn * reconcileBatch);
  return { deliveries, challenges, webhooks, ...found, more };
}

/** A worker would find nothing to do: a queue that was long would keep all of them looking. */
async function dropExpired(queues: PublishedJobs, expired: readonly ExpiredDelivery[]): Promise<void> {
  const published = expired.flatMap(({ jobId, job, publications }): Published[] =>
    jobId !== null && job !== null && publications ? [{ job, id: publishedId(jobId, publications - 1) }] : [],
  );
  for (let from = 0; from < published.length; from += reconcileBatch) {
    await queues.remove(published.slice(from, from + reconcileBatch));
  }
}

/**
 * Leaves those alone that wait in their queue, however long it is; sets those aside that a worker began again and again and
 * did not finish; has the others published again.
 */
async function lookAfter(
  database: Database,
  queues: PublishedJobs,
  overdue: readonly OverdueJob[],
): Promise<{ lost: number; waiting: number; setAside: readonly SetAsideJob[] }> {
  const published = (row: OverdueJob) => ({ job: row.job, id: publishedId(row.id, row.publications - 1) });
  const inQueue = await queues.waiting(overdue.map(published));
  const waiting: OverdueJob[] = [];
  const lost: OverdueJob[] = [];
  const failing: (OverdueJob & { failure: string })[] = [];
  for (const row of overdue) {
    const { job, id } = published(row);
    const failure =
      inQueue.has(id) || row.publications < publicationsUntilAsked ? undefined : await queues.faultOf(job, id);
    if (failure !== undefined) failing.push({ ...row, failure });
    else if (inQueue.has(id)) waiting.push(row);
    else lost.push(row);
  }
  const asRead = (rows: readonly OverdueJob[]) => ({
    ids: rows.map(({ id }) => id),
    publications: rows.map(({ publications }) => publications),
  });
  if (waiting.length > 0) await database.query(leaveAlone, { ...asRead(waiting), longest: longestLeftSeconds });
  const again = lost.length === 0 ? [] : await database.query(publishAgain, asRead(lost));
  if (failing.length === 0) return { lost: again.length, waiting: waiting.length, setAside: [] };
  const setAside = await database.query(setJobsAside, {
    ...asRead(failing),
    failures: failing.map(({ failure }) => failure),
    eventIds: failing.map(() => newId('event')),
  });
  return { lost: again.length, waiting: waiting.length, setAside };
}

/** How many jobs wait for an operator. */
export async function setAsideJobs(database: Database): Promise<number> {
  return (await database.one(countSetAside))?.jobs ?? 0;
}
