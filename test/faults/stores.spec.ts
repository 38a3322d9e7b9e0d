import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { AppName } from './app-process.js';
import { battery, report, seed } from './battery.js';
import type { Fleet } from './fleet.js';
import { PanelTraffic } from './panel-traffic.js';
import { seeded } from './random.js';
import { underLoad, whole } from './under-load.js';
import { onFleet, useFleet, ofEach } from './on-fleet.js';

let fleet: Fleet;

useFleet(ofEach(2), async (started) => {
  fleet = started;
  await new PanelTraffic(fleet, 'set-up').allowManyCodes();
  fleet.vonage.always({ delayMs: 100 });
});

/** Workers that keep up leave nothing in the queue that its emptying could lose. */
async function whileJobsWait(empty: () => Promise<unknown>): Promise<void> {
  const workers = fleet.of('sms-worker');
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  while (Number(await fleet.redis.command('zcard', '{sallyport}:sms:prioritized')) === 0) await sleep(50);
  await empty();
  await Promise.all(workers.map((worker) => worker.start()));
}

onFleet(
  'T12 Redis killed, flushed, emptied: nothing that was acknowledged is lost',
  async () => {
    const account = await underLoad(fleet, 't12', async () => {
      await sleep(1000);
      await fleet.redis.kill();
      await sleep(1000);
      await fleet.redis.start();
      await sleep(2000);
      await whileJobsWait(() => fleet.redis.command('flushall'));
      await sleep(2000);
      await whileJobsWait(async () => {
        await fleet.redis.killAndEmpty();
        await sleep(1000);
        await fleet.redis.start();
      });
      const lastFault = performance.now();
      await sleep(2000);
      return lastFault;
    });
    report('T12', 'Redis: kill, FLUSHALL, emptied directory', account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

onFleet(
  `T12 Redis away for ${battery.absentSeconds} s: the gateways answer every call`,
  async () => {
    const account = await underLoad(fleet, 't12-away', async (traffic) => {
      await fleet.redis.kill();
      traffic.unanswered.clear();
      const before = traffic.acknowledged.length;
      await sleep(battery.absentSeconds * 1000);
      expect(Object.fromEntries(traffic.unanswered)).toEqual({});
      expect(traffic.acknowledged.length).toBeGreaterThan(before + battery.absentSeconds);
      for (const gateway of fleet.of('gateway')) {
        const readiness = await fetch(`${gateway.url}/readyz`);
        expect([readiness.status, await readiness.json()]).toMatchObject([200, { checks: { queue: false } }]);
      }
      await fleet.redis.start();
      return performance.now();
    });
    report('T12', `Redis away for ${battery.absentSeconds} s`, account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

onFleet(
  'T13 PostgreSQL stopped at once in mid-work: every 2xx is there afterwards, with its event',
  async () => {
    const random = seeded(seed + 13);
    const account = await underLoad(fleet, 't13', async () => {
      let lastFault = performance.now();
      for (let stop = 0; stop < battery.stops; stop += 1) {
        await sleep(random.between(1000, 3000));
        await fleet.postgres.stopAtOnce();
        await sleep(random.between(0, 1000));
        await fleet.postgres.start();
        lastFault = performance.now();
      }
      await sleep(2000);
      return lastFault;
    });
    report('T13', `${battery.stops} immediate stops of PostgreSQL`, account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

onFleet(
  'T24 SIGTERM in mid-work: every process finishes what it has, and ends by itself',
  async () => {
    const random = seeded(seed + 24);
    const apps: AppName[] = ['gateway', 'relay', 'sms-worker', 'email-worker', 'audit-worker', 'lockout-worker'];
    const endings: [AppName, unknown][] = [];
    let slowest = 0;
    const account = await underLoad(fleet, 't24', async () => {
      // Long enough that a worker always has messages on their way.
      fleet.vonage.always({ delayMs: 500 });
      for (const app of apps) {
        await sleep(random.between(300, 900));
        const victim = random.pick(fleet.of(app));
        const { status, ms } = await victim.end('SIGTERM');
        endings.push([app, status]);
        slowest = Math.max(slowest, ms);
        await victim.start();
      }
      return performance.now();
    });
    report('T24', `SIGTERM to each app, slowest out in ${(slowest / 1000).toFixed(1)} s`, account);
    // A process that is not out within 30 s says so and ends with 1.
    expect(endings).toEqual(apps.map((app) => [app, 0]));
    // Nobody had to send twice.
    expect(account).toMatchObject({ ...whole, extra: 0, delivered: account.acknowledged });
  },
  300_000,
);
