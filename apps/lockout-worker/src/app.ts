import type { Queues } from '#messaging';
import type { Database, Sealer } from '#persistence';
import { type Logger, type RunningApp, startLoop } from '#runtime';
import { announceLockout } from './announce-lockout.js';
import { batchSize, endLockouts } from './end-lockouts.js';
import { examineRejection } from './examine-rejection.js';
import { notifyOwner } from './notify-owner.js';

/** Jobs at the same time. They are short, and nobody waits for them. */
const concurrency = 4;

/** Pause between two looks for lockouts whose time is over. */
const pollMs = 1000;

export interface LockoutWorkerParts {
  readonly database: Database;
  readonly queues: Queues;
  readonly sealer: Sealer;
  readonly logger: Logger;
}

/** Starts to look at wrong codes and lockouts: warns of patterns, tells owners what changed, ends what is over. */
export async function startLockoutWorker(parts: LockoutWorkerParts): Promise<RunningApp> {
  const { database, queues, logger } = parts;
  const consumer = queues.consume(
    'security',
    {
      'examine-rejection': (payload) => examineRejection(parts, payload),
      'announce-lockout': (payload) => announceLockout(parts, payload),
      'notify-owner': (payload) => notifyOwner(parts, payload),
    },
    { concurrency, logger },
  );

  let failing = false;
  const loop = startLoop(async () => {
    try {
      const ended = await endLockouts(database);
      if (failing) logger.info('ending lockouts works again');
      failing = false;
      return ended === batchSize ? 0 : pollMs;
    } catch (error) {
      // Said once, not at every try.
      if (!failing) logger.error({ err: error }, 'ending lockouts failed; trying again');
      failing = true;
      return pollMs;
    }
  });

  return {
    stop: async () => {
      await Promise.all([consumer.close(), loop.stop()]);
    },
  };
}
