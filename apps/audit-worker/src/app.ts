import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#persistence';
import { type Logger, type RunningApp, type SigningKey, startLoop } from '#runtime';
import { sealEvents } from './seal-events.js';
import { signCheckpoints } from './sign-checkpoints.js';

/** Pause between two looks for unsealed events. PostgreSQL knows what is unsealed, so no queue is needed to tell. */
const pollMs = 250;

/** Woken at every event, the sealer still waits this long between two batches: one is cheaper than many. */
const gatherMs = 20;

/** Pause between two looks for chains that are due for a checkpoint. */
const checkpointPollMs = 1000;

/** Longest pause while the database is away. */
const longestPauseMs = 2000;

/** A process that drains has 30 s for everything; what it does not seal, the next one will. */
const lastSealingMs = 10_000;

export interface AuditWorkerParts {
  readonly database: Database;
  readonly logger: Logger;
  readonly checkpointKey: SigningKey;
}

/** Starts to seal events and to sign checkpoints. `wake` tells of new events, so that they are sealed at once. */
export async function startAuditWorker(parts: AuditWorkerParts): Promise<RunningApp & { wake(): void }> {
  const { database, logger, checkpointKey } = parts;
  let pauseMs = pollMs;
  let failing = false;
  let checkpointsAt = 0;

  const signDue = async () => {
    if (performance.now() < checkpointsAt) return;
    checkpointsAt = performance.now() + checkpointPollMs;
    const signed = await signCheckpoints(database, checkpointKey);
    if (signed > 0) logger.debug({ signed }, 'checkpoints signed');
  };

  const turn = async () => {
    try {
      const { sealed, more, requestIds } = await sealEvents(database);
      if (sealed > 0) logger.debug({ sealed, requestIds }, 'events sealed');
      await signDue();
      if (failing) logger.info('sealing goes on');
      failing = false;
      pauseMs = pollMs;
      if (more) return 0;
      await sleep(gatherMs);
    } catch (error) {
      // Said once, not at every try.
      if (!failing) logger.error({ err: error }, 'sealing fails; trying again');
      failing = true;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    return pauseMs;
  };

  const loop = startLoop(turn);
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      try {
        const until = performance.now() + lastSealingMs;
        while ((await sealEvents(database)).more && performance.now() < until);
        await signCheckpoints(database, checkpointKey, true);
      } catch (error) {
        // Nothing is lost: the next worker goes on where this one ends.
        logger.warn({ err: error }, 'no last checkpoint was signed');
      }
    },
  };
}
