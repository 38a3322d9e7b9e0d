import type { ConnectionOptions, Queue } from 'bullmq';
import type { QueueName } from '#contracts';

/** A queue, as far as it is looked at. */
export type LookedAtQueue = Pick<Queue, 'getJobCounts' | 'getJobs'>;

export interface QueueFigures {
  readonly queue: QueueName;
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  /** When the oldest job was put there that waits and that no worker has begun, in ms since 1970; null where there is none. */
  readonly oldestAt: number | null;
}

/** Where the queues live: Redis or PostgreSQL. A way to wake workers; what is to be done stands in the database. */
export abstract class JobStore {
  /** What BullMQ is given to open a queue or a worker there. */
  abstract readonly options: { readonly connection: ConnectionOptions; readonly prefix?: string };

  /** @throws {SettingsError} where the store would lose jobs */
  abstract assertSafe(): Promise<void>;

  /**
   * Writes to the store, as a publication would.
   * @returns what the store calls itself: whoever else uses it is told the same
   * @throws an error that `saysAll` where it answers and takes nothing
   */
  abstract probe(): Promise<string>;

  /**
   * How many jobs each queue has, and since when its oldest waits.
   * @param looked how many jobs at the head of a queue are looked at for the oldest
   */
  abstract figures(queues: Readonly<Record<QueueName, LookedAtQueue>>, looked: number): Promise<QueueFigures[]>;

  /** Ends connections that are shared; queues and workers are closed before. */
  abstract close(): Promise<void>;

  /** Why the queues could not be opened or written to, in words that help. */
  abstract explain(error: unknown): unknown;
}
