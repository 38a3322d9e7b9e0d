import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from './system.js';

/** The codes that come to people's phones and mailboxes, each seen once. */
export interface ReceivedCodes {
  /** Code of the newest message to an address, once there is one more than the caller has seen. */
  received(to: string): Promise<string>;
  /** Waits until so many codes have come to an address, and takes them for seen. */
  forget(to: string, count: number): Promise<void>;
}

/** Longer than any delivery takes that a test waits for, and shorter than a test may take. */
const patienceMs = 60_000;

export function receivedCodes(system: Pick<System, 'messages'>): ReceivedCodes {
  const seen = new Map<string, number>();
  const coded = async (to: string) => (await system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body));
  const atLeast = async (to: string, count: number) => {
    for (const since = performance.now(); performance.now() - since < patienceMs; await sleep(50)) {
      const found = await coded(to);
      if (found.length >= count) return found;
    }
    throw new Error(`Message ${count} with a code has not come.`);
  };
  return {
    async received(to) {
      const found = await atLeast(to, (seen.get(to) ?? 0) + 1);
      seen.set(to, found.length);
      return found[0]?.body.slice(0, 6) ?? '';
    },
    async forget(to, count) {
      await atLeast(to, count);
      seen.set(to, count);
    },
  };
}
