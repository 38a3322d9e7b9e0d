import { queueNames } from '#contracts';
import { SettingsError, type Logger } from '#runtime';
import { calmErrors } from './calm-errors.js';
import { JobQueue } from './job-queue.js';
import type { JobStore } from './job-store.js';
import { inTime } from './patience.js';
import { isPostgres, PostgresStore } from './postgres-store.js';
import { RedisStore } from './redis-store.js';

/**
 * Opens the store of the queues at an address, and looks whether queues can be opened there.
 * @param options `mayBeAway`: go on where it does not answer, and use it once it does
 * @throws {SettingsError} where the address is wrong, or the store not ready or not safe; an Error where it is away
 */
export async function openJobStore(
  url: string,
  logger: Logger,
  options: { readonly mayBeAway?: boolean } = {},
): Promise<JobStore> {
  let opening = true;
  const log = calmErrors(logger, { queue: 'all' });
  /** Why it can't be opened is said once, at the end. */
  const onError = (error: Error) =>
    opening ? logger.debug({ err: error }, 'the queue cannot be opened yet') : log(error);
  const store = isPostgres(url) ? new PostgresStore(url) : new RedisStore(url, onError);
  try {
    await inTime('open', store.assertSafe());
    await tryQueue(store, onError);
  } catch (error) {
    const explained = store.explain(error);
    if (!options.mayBeAway || explained instanceof SettingsError) {
      await store.close();
      throw explained;
    }
    logger.warn({ err: error }, 'the queue is unavailable; continuing without it');
  }
  opening = false;
  return store;
}

/** Opens a queue and closes it: only then it is known whether its tables are there, and of this version. */
async function tryQueue(store: JobStore, onError: (error: Error) => void): Promise<void> {
  const queue = new JobQueue(queueNames[0], store.options);
  queue.on('error', onError);
  try {
    await inTime('open', queue.waitUntilReady());
  } finally {
    await queue.close();
  }
}
