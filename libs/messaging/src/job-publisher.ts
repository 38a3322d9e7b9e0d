import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { jobs, type JobName, type QueueName } from '#contracts';
import { count, Log } from '#runtime';
import { calmErrors } from './calm-errors.js';
import { encodeJob, isForAnotherVersion } from './decode-job.js';
import { jobOptions } from './job-options.js';
import { JobQueue } from './job-queue.js';
import { JobStore, type QueueFigures } from './job-store.js';
import type { Publication, Published } from './jobs.js';
import { inTime } from './patience.js';
import { spansOfPublication, traceOptions } from './traced-jobs.js';

/** Jobs at the head of a queue among which the oldest is looked for. */
const lookedForOldest = 100;

/** Puts jobs into their queues. */
@Injectable()
export class JobPublisher implements OnApplicationBootstrap {
  private readonly queues: Readonly<Record<QueueName, JobQueue>>;

  constructor(
    private readonly store: JobStore,
    log: Log,
    @InjectQueue('sms') sms: JobQueue,
    @InjectQueue('email') email: JobQueue,
    @InjectQueue('security') security: JobQueue,
    @InjectQueue('audit') audit: JobQueue,
    @InjectQueue('webhooks') webhooks: JobQueue,
  ) {
    this.queues = { sms, email, security, audit, webhooks };
    for (const [queue, each] of Object.entries(this.queues)) each.on('error', calmErrors(log.pino, { queue }));
  }

  /** A queue whose first connection fails remembers that for ever: it must not be gone on with. */
  async onApplicationBootstrap(): Promise<void> {
    const queues = Object.values(this.queues);
    try {
      await inTime('open', Promise.all(queues.map((queue) => queue.waitUntilReady())));
    } catch (error) {
      await Promise.all(queues.map((queue) => queue.close()));
      throw this.store.explain(error);
    }
  }

  /**
   * Adds jobs, all of one queue at once. After an error some may be there: publish all of them again under their ids.
   * @throws where the queue does not take them within 5 s
   */
  async publish(list: readonly Publication[]): Promise<void> {
    const byQueue = Object.entries(Object.groupBy(list, ({ job }) => jobs[job].queue)) as [QueueName, Publication[]][];
    const additions = byQueue.map(([queue, own]) => add(this.queues[queue], own));
    await inTime('publish', Promise.all(additions));
    for (const [queue, own] of byQueue) count('sallyport_jobs_published_total', { queue }, own.length);
  }

  /**
   * How a job that was published and is not done has fared.
   * @returns the kind of its fault, never its words, where a worker began it and did not finish; undefined where none did,
   *   the queue has lost it, or it waits for a worker of another version
   * @throws where the queue does not answer within 5 s
   */
  async faultOf(job: JobName, id: string): Promise<string | undefined> {
    const found = await inTime('answer', this.queues[jobs[job].queue].getJob(id));
    if (!found || found.attemptsStarted === 0) return undefined;
    const { failedReason = '' } = found;
    if (isForAnotherVersion(failedReason)) return undefined;
    if (failedReason === '') return 'worker_lost';
    // As `JobFailedError` begins; what else is there comes from us or from BullMQ.
    return (
      /^(\w{1,64}): /.exec(failedReason)?.[1] ?? (failedReason.includes('stalled') ? 'worker_lost' : 'not_understood')
    );
  }

  /**
   * Which of the jobs wait in their queue for a worker: they are neither lost, nor begun, nor put off.
   * @returns their ids
   * @throws where the queue does not answer within 5 s
   */
  async waiting(list: readonly Published[]): Promise<ReadonlySet<string>> {
    const states = list.map(({ job, id }) => this.queues[jobs[job].queue].getJobState(id));
    const found = await inTime('answer', Promise.all(states));
    return new Set(list.filter((_, n) => found[n] === 'prioritized' || found[n] === 'waiting').map(({ id }) => id));
  }

  /**
   * What waits in each queue. A line of a tenant is in order, and all lines stand at the head of their queue: the oldest job is
   * found there, unless more than 100 tenants wait, or behind codes that wait.
   * @throws where the queue does not answer within 5 s
   */
  async figures(): Promise<QueueFigures[]> {
    return this.store.figures(this.queues, lookedForOldest);
  }

  /**
   * Takes jobs out of their queues, but for those that a worker has in hand.
   * @throws where the queue does not answer within 5 s
   */
  async remove(list: readonly Published[]): Promise<void> {
    await inTime('answer', Promise.all(list.map(({ job, id }) => this.queues[jobs[job].queue].remove(id))));
  }
}

async function add(queue: JobQueue, list: readonly Publication[]): Promise<void> {
  const spans = spansOfPublication(list);
  try {
    const turns = await queue.turns.take(list);
    const toAdd = list.map(({ job, id, payload, traceparent }, n) => ({
      name: job,
      data: encodeJob(job, payload),
      opts: { ...jobOptions(job, id, turns[n]), ...traceOptions(spans.get(id)?.traceparent ?? traceparent) },
    }));
    await queue.addBulk(toAdd);
  } catch (error) {
    for (const span of spans.values()) span.end('not-published');
    throw error;
  }
  for (const span of spans.values()) span.end();
}
