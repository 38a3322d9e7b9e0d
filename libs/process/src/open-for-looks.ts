import { Database } from '#persistence';
import { patienceMs } from './readiness.js';

/** A connection for readiness alone: at an overload every other one is taken, and the database is well all the same. */
export function openForLooks(url: string): Database {
  return Database.open({ url, poolSize: 1, answerWithinMs: patienceMs, onError: () => undefined });
}
