import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from './system.js';

/** The codes that come to people's phones and mailboxes, each seen once. */
export interface ReceivedCodes {
  /** Code of the newest message to an address, once there is one more than the caller has seen. */
  received(to: string): Promise<string>;
  /** Waits until so many codes have come to an address, and takes them for seen. */
  forget(to: string, count: number): Promise<void>;
}

export function receivedCodes(system: Pick<System, 'messages'>): ReceivedCodes {
  const seen = new Map<string, number>();
  const coded = async (to: string) => (await system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body));
  return {
    async received(to) {
      const known = seen.get(to) ?? 0;
      let found = await coded(to);
      for (; found.length <= known; found = await coded(to)) await sleep(50);
      seen.set(to, found.length);
      return found[0]?.body.slice(0, 6) ?? '';
    },
    async forget(to, count) {
      while ((await coded(to)).length < count) await sleep(50);
      seen.set(to, count);
    },
  };
}
