import { jobNames, newId } from '#contracts';
import type { JobPublisher } from '#messaging';
import type { Database } from '#persistence';
import { publishedId } from './publish-outbox.js';
import { batchesPerTurn, repeatBatches } from './repeat-batches.js';
import {
  bringBackWebhooks,
  countSetAside,
  expireChallenges,
  expireDeliveries,
  forgetLostPublications,
  publishStuckAgain,
  readStuckJobs,
  setJobsAside,
  type SetAsideJob,
  type StuckJob,
} from './reconcile.sql.js';

/** Rows that one statement touches, so that no transaction grows with the backlog. */
export const reconcileBatch = 500;

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

export interface Reconciled {
  /** Jobs that will be published again. */
  readonly lost: number;
  /** Jobs that will not be published any more, since they always fail. */
  readonly setAside: readonly SetAsideJob[];
  readonly deliveries: number;
  readonly challenges: number;
  /** Deliveries to webhooks whose time to be tried again has come. */
  readonly webhooks: number;
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
  const inBatches = (run: () => Promise<unknown[]>) => repeatBatches(async () => (await run()).length, reconcileBatch);
  const deliveries = await inBatches(() =>
    database.query(expireDeliveries, { eventIds: eventIds(), limit: reconcileBatch }),
  );
  const challenges = await inBatches(() =>
    database.query(expireChallenges, { eventIds: eventIds(), limit: reconcileBatch }),
  );
  const webhooks = await inBatches(() => database.query(bringBackWebhooks, { limit: reconcileBatch }));
  // After the expiries: what has expired is not worth another publication.
  const askedFrom = publisher ? publicationsUntilAsked : mostPublications;
  const patience = { lostAfter: lostAfterSeconds, patience: longestPatienceSeconds };
  const forgotten = await inBatches(() =>
    database.query(forgetLostPublications, { ...patience, limit: reconcileBatch, askedFrom }),
  );
  const more = [deliveries, challenges, webhooks, forgotten].includes(batchesPerTurn * reconcileBatch);
  if (!publisher) return { deliveries, challenges, webhooks, lost: forgotten, setAside: [], more };
  const stuck = await database.query(readStuckJobs, {
    ...patience,
    limit: askedPerTurn,
    askedFrom: publicationsUntilAsked,
    jobs: jobNames,
  });
  const { again, setAside } = await judge(database, publisher, stuck);
  return { deliveries, challenges, webhooks, lost: forgotten + again, setAside, more };
}

/** More than any row has: an integer of PostgreSQL at its largest. */
const mostPublications = 2 ** 31 - 1;

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
