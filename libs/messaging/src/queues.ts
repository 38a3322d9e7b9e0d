import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job } from 'bullmq';
import { jobs, queueNames, type JobName, type QueueName } from '#contracts';
import { SettingsError, type Logger } from '#runtime';
import { encodeJob, isForAnotherVersion } from './decode-job.js';
import { jobOptions } from './job-options.js';
import type { Handlers, Publication } from './jobs.js';
import type { Backend, JobQueue } from './backend.js';
import { isPostgres, postgresBackend } from './postgres-backend.js';
import { redisBackend } from './redis-backend.js';
import { runJob } from './run-job.js';

/** How long `publish`, `ping` and `close` wait for the queue. BullMQ itself waits for ever. */
const answerWithinMs = 5000;

/** How often a job may be found without its worker. At 1, the default, 38 of 3,000 jobs failed for good in 20 kills; at 20 none. */
const maxStalledCount = 20;

/** With a lock of 30 s, a job of a killed worker is taken up again within 50 s; the reconciler usually comes first. */
const stalledIntervalMs = 10_000;

/** An error that repeats is logged once in this time. */
const quietMs = 10_000;

/** Work being taken from a queue. */
export interface Consumer {
  /**
   * Takes no more jobs, but for one that is on its way; finishes those that run; closes the connections. Waits no longer
   * than 5 s for a queue that is away.
   */
  close(): Promise<void>;
}

/**
 * Opens the queues at an address.
 * @param options `mayBeAway`: open them all the same where the store does not answer, and use it once it does
 * @throws {SettingsError} where the address is wrong, or the store not ready or not safe; an Error where it is away
 */
export async function openQueues(
  url: string,
  logger: Logger,
  options: { readonly mayBeAway?: boolean } = {},
): Promise<Queues> {
  let opening = true;
  /** Why it can't be opened is said once, at the end. */
  const listener = (queue: string) => {
    const log = calmErrors(logger, { queue });
    return (error: Error) =>
      opening ? logger.debug({ queue, err: error }, 'the queue cannot be opened yet') : log(error);
  };
  const backend = isPostgres(url) ? postgresBackend(url) : redisBackend(url, listener('all'));
  const opened = new Map<QueueName, JobQueue>();
  const queues = new Queues(backend, opened);
  try {
    for (const name of queueNames) {
      const queue = backend.queue(name);
      queue.on('error', listener(name));
      opened.set(name, queue);
    }
    await within('open', backend.assertSafe());
    await within('open', Promise.all([...opened.values()].map((queue) => queue.waitUntilReady())));
  } catch (error) {
    const explained = backend.explain(error);
    if (options.mayBeAway && !(explained instanceof SettingsError)) {
      opening = false;
      logger.warn({ err: error }, 'the queue is unavailable; continuing without it');
      return queues;
    }
    await queues.close();
    throw explained;
  }
  opening = false;
  return queues;
}

/** The job queues: a way to wake workers. What is to be done stands in the database. */
export class Queues {
  private readonly consumers = new Set<Consumer>();

  constructor(
    private readonly backend: Backend,
    private readonly queues: ReadonlyMap<QueueName, JobQueue>,
  ) {}

  /**
   * Adds jobs, all of one queue at once. After an error some may be there: publish all of them again under their ids.
   * @throws where the queue does not take them within 5 s
   */
  async publish(list: readonly Publication[]): Promise<void> {
    const additions = queueNames.map(async (name) => {
      const own = list.filter(({ job }) => jobs[job].queue === name);
      if (own.length === 0) return;
      await this.queue(name).addBulk(
        own.map(({ job, id, payload }) => ({ name: job, data: encodeJob(job, payload), opts: jobOptions(job, id) })),
      );
    });
    await within('publish', Promise.all(additions));
  }

  /** Begins to take jobs from a queue. While the queue is away it keeps trying. */
  consume<Q extends QueueName>(
    queue: Q,
    handlers: Handlers<Q>,
    options: { readonly concurrency: number; readonly logger: Logger },
  ): Consumer {
    const { concurrency, logger } = options;
    const underWay = new Set<Promise<unknown>>();
    const process = async (job: Job, token?: string) => {
      const run = runJob(queue, job, handlers, logger);
      underWay.add(run);
      const again = await run.finally(() => underWay.delete(run));
      if (!again) return;
      await job.moveToDelayed(again.retryAt.getTime(), token);
      throw new DelayedError();
    };
    const onError = calmErrors(logger, { queue });
    const open = () => {
      const worker = this.backend.worker(queue, process, {
        autorun: false,
        concurrency,
        maxStalledCount,
        stalledInterval: stalledIntervalMs,
        runRetryDelay: 1000,
      });
      worker.on('error', onError);
      worker.on('stalled', (jobId) => logger.warn({ queue, jobId }, 'job lost its worker and will run again'));
      return worker;
    };

    let worker = open();
    let closing = false;
    const start = async () => {
      while (!closing) {
        try {
          await worker.waitUntilReady();
          return await worker.run();
        } catch (error) {
          onError(error as Error);
          // A worker whose first connection failed remembers that for ever: begin with a new one.
          await worker.close().catch(onError);
          await sleep(1000);
          if (!closing) worker = open();
        }
      }
    };
    const running = start();
    const consumer = {
      close: async () => {
        closing = true;
        this.consumers.delete(consumer);
        const patience = async () => {
          while (underWay.size > 0) await Promise.allSettled(underWay);
          await sleep(answerWithinMs, undefined, { ref: false });
        };
        // With the queue away, what BullMQ has to tell it waits for ever. Untold, a job runs once more: the database decides.
        await Promise.race([worker.close().then(() => running), patience()]);
      },
    };
    this.consumers.add(consumer);
    return consumer;
  }

  /**
   * How a job that was published and is not done has fared.
   * @returns the kind of its fault, never its words, where a worker began it and did not finish; undefined where none did,
   *   the queue has lost it, or it waits for a worker of another version
   * @throws where the queue does not answer within 5 s
   */
  async faultOf(job: JobName, id: string): Promise<string | undefined> {
    const found = await within('answer', this.queue(jobs[job].queue).getJob(id));
    if (!found || found.attemptsStarted === 0) return undefined;
    const { failedReason = '' } = found;
    if (isForAnotherVersion(failedReason)) return undefined;
    if (failedReason === '') return 'worker_lost';
    // As `JobFailedError` begins; what else is there comes from us or from BullMQ.
    return (
      /^(\w{1,64}): /.exec(failedReason)?.[1] ?? (failedReason.includes('stalled') ? 'worker_lost' : 'not_understood')
    );
  }

  /** @throws where the queue does not answer within 5 s */
  async ping(): Promise<void> {
    // One look at one row.
    await within('answer', this.queue(queueNames[0]).isPaused());
  }

  /**
   * Whether the queue takes jobs, by a write of no weight.
   * @returns what its store calls itself: the same for every process that uses it
   * @throws where it does not answer within 5 s; an error that `saysAll` where it answers and takes nothing
   */
  async probe(): Promise<string> {
    try {
      return await within('answer', this.backend.probe());
    } catch (error) {
      throw this.backend.explain(error);
    }
  }

  /** Closes what still consumes, then the connections. */
  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    await this.backend.close();
  }

  private queue(name: QueueName): JobQueue {
    const queue = this.queues.get(name);
    if (!queue) throw new TypeError(`There is no queue "${name}".`);
    return queue;
  }
}

async function within<T>(what: string, work: Promise<T>): Promise<T> {
  const clock = new AbortController();
  const late = async () => {
    await sleep(answerWithinMs, undefined, { signal: clock.signal });
    throw new Error(`The queue did not ${what} within ${answerWithinMs / 1000} s.`);
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    clock.abort();
  }
}

/** An error listener: BullMQ's classes end the process without one, and repeat one fault many times a second. */
function calmErrors(logger: Logger, about: object): (error: Error) => void {
  let last = '';
  let quietUntil = 0;
  return (error) => {
    if (error.message === last && Date.now() < quietUntil) return;
    last = error.message;
    quietUntil = Date.now() + quietMs;
    logger.warn({ ...about, err: error }, 'queue error');
  };
}
