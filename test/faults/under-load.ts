import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../support/parallel.js';
import { accountFor, type Account } from './account-for.js';
import type { Fleet } from './fleet.js';
import { PanelTraffic, type Person } from './panel-traffic.js';

const people = 40;
/** Challenges a second: load that a small panel has on its worst day, and that leaves the machine some air. */
const pauseMs = 25;

/** An account in which nothing is missing. */
export const whole = {
  lost: 0,
  expired: 0,
  changed: 0,
  unacknowledged: 0,
  withoutEvent: 0,
  failedJobs: 0,
  unsealed: 0,
  refusedLogs: 0,
};

/**
 * Calls from several panels, until the faults are over.
 * @param faults says when the last of them was over, by `performance.now()`
 */
export async function underLoad(
  fleet: Fleet,
  name: string,
  faults: (traffic: PanelTraffic) => Promise<number>,
): Promise<Account> {
  const traffic = new PanelTraffic(fleet, name);
  const persons = await inParallel(people, (index) => traffic.enroll(index, index % 4 === 0 ? 'email' : 'sms'), 16);
  const mistaken = new PanelTraffic(fleet, `${name}-mistaken`);
  const mistyping = await mistaken.enroll(0, 'email');
  let running = true;
  let number = 0;
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (running) {
        const index = number++;
        const person = persons[index % people] as Person;
        await traffic.challenge(person, index);
        if (index % 10 === 0) await mistype(mistaken, mistyping).catch(() => undefined);
        await sleep(pauseMs * 4);
      }
    }),
  );
  try {
    const lastFault = await faults(traffic);
    running = false;
    await load;
    return await accountFor(fleet, traffic, lastFault);
  } finally {
    running = false;
    await load.catch(() => undefined);
  }
}

/** Work for the lock-out worker. A lock is an answer like any other. */
async function mistype(traffic: PanelTraffic, { accountId, userId }: Person): Promise<void> {
  const { body } = await traffic.call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' });
  await traffic.call('POST', `/v1/challenges/${body.challenge.id}/verify`, { code: '000000' });
}
