import type { JobsOptions, Processor, WorkerOptions } from 'bullmq';
import type { QueueName } from '#contracts';

/** What we use of BullMQ's queue, whatever it stands on. */
export interface JobQueue {
  addBulk(jobs: { name: string; data: unknown; opts: JobsOptions }[]): Promise<unknown>;
  close(): Promise<void>;
  getJob(id: string): Promise<{ readonly attemptsStarted: number; readonly failedReason?: string } | undefined>;
  isPaused(): Promise<boolean>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}

/** What we use of BullMQ's worker. */
export interface JobWorker {
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'stalled', listener: (jobId: string) => void): unknown;
  run(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
}

/** Where the queues live: BullMQ's classes, bound to one store and its connections. */
export interface Backend {
  queue(name: QueueName): JobQueue;
  worker(name: QueueName, process: Processor, options: Omit<WorkerOptions, 'connection'>): JobWorker;
  /** @throws {SettingsError} where the store would lose jobs */
  assertSafe(): Promise<void>;
  /**
   * Writes to the store, as a publication would.
   * @returns what the store calls itself: whoever else uses it is told the same
   * @throws what the store says; `explain` knows why
   */
  probe(): Promise<string>;
  /** Ends connections that are shared; queues and workers are closed before. */
  close(): Promise<void>;
  /** Why the queues could not be opened or written to, in words that help. */
  explain(error: unknown): unknown;
}
