import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import pg from 'pg';
import type { AppName } from './app-process.js';
import { battery, report, seed } from './battery.js';
import type { Fleet } from './fleet.js';
import { PanelTraffic } from './panel-traffic.js';
import { seeded } from './random.js';
import { underLoad, whole } from './under-load.js';
import { onFleet, useFleet, ofEach } from './on-fleet.js';

/*
 * Nothing is killed here that comes back by itself: stores that have no room, processes that stand still and go on where they
 * were, a server that has no connection left.
 */

const apps: AppName[] = ['gateway', 'relay', 'sms-worker', 'email-worker', 'audit-worker', 'lockout-worker'];

let fleet: Fleet;

useFleet(ofEach(2), async (started) => {
  fleet = started;
  await new PanelTraffic(fleet, 'set-up').allowManyCodes();
  fleet.vonage.always({ delayMs: 100 });
});

onFleet(
  'T12 Redis without memory, then with a cut file: nothing that was acknowledged is lost',
  async () => {
    const account = await underLoad(fleet, 't12-cut', async (traffic) => {
      await sleep(1000);
      await fleet.redis.command('config', 'set', 'maxmemory', '1');
      const before = traffic.acknowledged.length;
      await sleep(5000);
      // The gateways need no queue for an answer.
      expect(traffic.acknowledged.length).toBeGreaterThan(before);
      await fleet.redis.command('config', 'set', 'maxmemory', '0');
      for (let round = 0; round < battery.cutRounds; round += 1) {
        await sleep(3000);
        await fleet.redis.killAndCut();
        await sleep(1000);
        await fleet.redis.start();
      }
      return performance.now();
    });
    report('T12', `Redis without memory, its file cut (${battery.cutRounds} ×)`, account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

onFleet(
  `one process of each app stands still for ${battery.frozenSeconds} s: the others go on, and it does no harm when it wakes`,
  async () => {
    const random = seeded(seed + 16);
    const account = await underLoad(fleet, 'frozen', async (traffic) => {
      await sleep(1000);
      const before = traffic.acknowledged.length;
      const frozen = apps.map((app) => random.pick(fleet.of(app)));
      await Promise.all(frozen.map((victim) => victim.standStill(battery.frozenSeconds * 1000)));
      // Those that called the one that stands still were answered by the other.
      expect(traffic.acknowledged.length).toBeGreaterThan(before);
      return performance.now();
    });
    report('frozen', `one of each app frozen for ${battery.frozenSeconds} s`, account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  400_000,
);

onFleet(
  'T13 PostgreSQL stands still, and its sessions are ended again and again: nothing is lost',
  async () => {
    const account = await underLoad(fleet, 't13-still', async () => {
      await sleep(1000);
      await fleet.postgres.standStill(battery.pausedSeconds * 1000);
      for (let round = 0; round < battery.sessionKills; round += 1) {
        await sleep(1000);
        await endSessions();
      }
      return performance.now();
    });
    report(
      'T13',
      `PostgreSQL halted ${battery.pausedSeconds} s, all sessions ended (${battery.sessionKills} ×)`,
      account,
    );
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

onFleet(
  'PostgreSQL has no connection left: what is not answered is tried again, and nothing is lost',
  async () => {
    const taken: pg.Client[] = [];
    let refused = 0;
    const account = await underLoad(fleet, 'exhausted', async (traffic) => {
      await sleep(1000);
      traffic.unanswered.clear();
      const until = Date.now() + battery.exhaustedSeconds * 1000;
      const take = async () => {
        while (Date.now() < until) {
          const client = new pg.Client({ connectionString: fleet.postgres.url, application_name: 'faults' });
          client.on('error', () => undefined);
          try {
            await client.connect();
            taken.push(client);
          } catch {
            refused += 1;
            // All are taken: whoever has one of ours loses it.
            await endSessions(taken[0]);
            await sleep(200);
          }
        }
      };
      try {
        await Promise.all(Array.from({ length: 16 }, take));
      } finally {
        await Promise.all(taken.map((client) => client.end()));
      }
      // A gateway without a connection says so, and nothing else.
      const words = [...traffic.unanswered.keys()];
      expect(words.filter((each) => !/^503 unavailable$|Timeout|fetch|TypeError|Abort/.test(each))).toEqual([]);
      return performance.now();
    });
    report('crowded', `${taken.length} connections taken by others for ${battery.exhaustedSeconds} s`, account);
    expect(refused).toBeGreaterThan(0);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
  },
  300_000,
);

/** Ends every session of ours, as an operator or a failover would. */
async function endSessions(by?: pg.Client): Promise<void> {
  const text = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport'`;
  if (by) await by.query(text);
  else await fleet.sql(text);
}
