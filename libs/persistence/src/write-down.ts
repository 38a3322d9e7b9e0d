import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionFault, isWaitFault } from './faults.js';

/** How long it is tried. A lease on what is written down has to last longer. */
const triedForMs = 15_000;
const pauseMs = 500;

/**
 * Writes down how something ended that was done outside, through short absences of the database and while somebody holds what
 * it needs: what is done and not written down is done again.
 * @param write must be harmless to repeat
 * @throws what it throws of itself, and at last that the database is away
 */
export async function writeDownPatiently<T>(write: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + triedForMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(isConnectionFault(error) || isWaitFault(error)) || Date.now() > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}
