import { queueNames, type QueueName } from '#contracts';
import { JobQueue } from './job-queue.js';
import type { JobStore } from './job-store.js';
import { inTime } from './patience.js';

/** How many jobs of a queue are where. */
export interface QueueDepth {
  readonly queue: QueueName;
  readonly waiting: number;
  readonly active: number;
  /** Put off until a time of their own. */
  readonly delayed: number;
  /** Given up by the queue; the work stays in the outbox. */
  readonly failed: number;
}

/** All queues, for whoever looks at them and neither adds nor takes jobs. */
export interface OpenQueues {
  readonly all: readonly JobQueue[];
  /** @throws where the queue does not answer within 5 s */
  depths(): Promise<QueueDepth[]>;
  close(): Promise<void>;
}

/**
 * Opens all queues in a store.
 * @param onError told of what happens to their connections later
 * @throws what `store.explain` makes of it, where they cannot be opened within 5 s
 */
export async function openQueues(store: JobStore, onError: (error: Error) => void): Promise<OpenQueues> {
  const byName = queueNames.map((name) => [name, new JobQueue(name, store.options)] as const);
  const all = byName.map(([, queue]) => queue);
  for (const queue of all) queue.on('error', onError);
  const close = async () => void (await Promise.all(all.map((queue) => queue.close())));
  try {
    await inTime('open', Promise.all(all.map((queue) => queue.waitUntilReady())));
  } catch (error) {
    await close();
    throw store.explain(error);
  }
  const depthOf = async (name: QueueName, queue: JobQueue): Promise<QueueDepth> => {
    const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
    const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { queue: name, waiting: waiting + prioritized, active, delayed, failed };
  };
  return {
    all,
    depths: () => inTime('answer', Promise.all(byName.map(([name, queue]) => depthOf(name, queue)))),
    close,
  };
}
