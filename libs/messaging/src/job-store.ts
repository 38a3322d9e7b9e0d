import type { ConnectionOptions } from 'bullmq';

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

  /** Ends connections that are shared; queues and workers are closed before. */
  abstract close(): Promise<void>;

  /** Why the queues could not be opened or written to, in words that help. */
  abstract explain(error: unknown): unknown;
}
