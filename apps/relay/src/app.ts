import type { Queues } from '#messaging';
import { unpublishedAge, type Database } from '#persistence';
import { type Logger, type RunningApp, startLoop } from '#runtime';
import { gauge, type AppHealth } from '#service';
import { noteQueueStore } from './note-queue-store.js';
import { publishBatch, publishOutbox } from './publish-outbox.js';
import { purgeExpired, reconcile, setAsideJobs } from './reconcile.js';

const busyPollMs = 50;
const idlePollMs = 250;
const longestBackoffMs = 2000;
const reconcileEveryMs = 5000;
/** A job is normally published within a second. One that waits longer than this, in seconds, is a fault. */
const longestUnpublishedSeconds = 60;
/** What it removes does no harm until then. */
const purgeEveryMs = 60_000;

export interface RunningRelay extends RunningApp {
  /** Looks into the outbox at once. */
  wake(): void;
  /** Whether jobs get to the queue, and how many wait for an operator. */
  health(database?: Database): Promise<AppHealth>;
}

/**
 * The relay: brings work from the outbox to the queues, and puts right what time or a lost queue left behind.
 * Any number may run. The database and the queues belong to the caller, who closes them after `stop`.
 */
export async function startRelay(parts: {
  readonly database: Database;
  readonly queues: Queues;
  readonly logger: Logger;
}): Promise<RunningRelay> {
  const { database, queues, logger } = parts;

  const publishing = watchFaults(logger, 'publishing');
  const publisher = startLoop(async () => {
    try {
      const published = await publishOutbox(database, queues);
      publishing.worked();
      const count = published.length;
      for (const { id, job, payload } of published) {
        logger.info({ eventId: id, job, requestId: payload.requestId }, 'published');
      }
      if (count === publishBatch) return 0;
      return count > 0 ? busyPollMs : idlePollMs;
    } catch (error) {
      return Math.min(idlePollMs * 2 ** publishing.failed(error), longestBackoffMs);
    }
  });

  const reconciling = watchFaults(logger, 'reconciling');
  const reconciler = startLoop(async () => {
    try {
      // The store may have been emptied, and have another name since.
      await noteQueueStore(database, await queues.probe());
    } catch {
      // Publishing tells of a queue that is away, and most of what follows needs none.
    }
    try {
      const { setAside, more, ...found } = await reconcile(database, queues);
      reconciling.worked();
      for (const job of setAside) logger.error(job, 'a job failed on every attempt and was set aside');
      if (found.lost > 0) {
        logger.warn(found, 'jobs were published but not done; publishing them again');
        publisher.wake();
      }
      if (more) return 0;
    } catch (error) {
      reconciling.failed(error);
    }
    return reconcileEveryMs;
  });

  const purging = watchFaults(logger, 'purging');
  const purger = startLoop(async () => {
    try {
      const { more } = await purgeExpired(database);
      purging.worked();
      // As fast as it can, however fast others write.
      if (more) return 0;
    } catch (error) {
      purging.failed(error);
    }
    return purgeEveryMs;
  });

  const removeGauge = gauge('sallyport_jobs_dead', 'Jobs that failed on every attempt and wait for an operator', () =>
    setAsideJobs(database),
  );

  return {
    health: async (looks = database) => {
      const [jobs, seconds] = await Promise.all([setAsideJobs(looks), unpublishedAge(looks)]);
      const publishes = seconds <= longestUnpublishedSeconds;
      return {
        checks: { publishing: publishes },
        reasons: publishes ? [] : [`the oldest job has been waiting for the queue for ${Math.round(seconds)} s`],
        setAside: { jobs },
      };
    },
    // While the queue or the database is away, a wake-up for each request would only add to the trouble.
    wake: () => {
      if (!publishing.failing) publisher.wake();
    },
    stop: async () => {
      removeGauge();
      await Promise.all([publisher.stop(), reconciler.stop(), purger.stop()]);
    },
  };
}

/** Logs the first fault of a row and the end of it, not each poll in between. */
function watchFaults(logger: Logger, work: string) {
  let faults = 0;
  return {
    get failing() {
      return faults > 0;
    },
    worked() {
      if (faults > 0) logger.info({ faults }, `${work} works again`);
      faults = 0;
    },
    /** @returns how many faults came before in this row */
    failed(error: unknown): number {
      if (faults === 0) logger.error({ err: error }, `${work} failed and will be retried`);
      return faults++;
    },
  };
}
