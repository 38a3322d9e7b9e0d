import { afterAll, beforeAll, test } from '@jest/globals';
import { redisIsHere } from '../support/redis-server.js';
import { startFleet, type Fleet, type FleetSize } from './fleet.js';

/** Kills need a Redis of the test's own. */
const possible = redisIsHere();
export const onFleet = possible ? test : test.skip;

/** Starts a fleet for all tests of the file that calls this, hands it to `begin`, and stops it after `end`. */
export function useFleet(
  size: FleetSize,
  begin: (fleet: Fleet) => Promise<void>,
  end: () => Promise<unknown> = async () => undefined,
): void {
  let fleet: Fleet | undefined;
  beforeAll(async () => {
    if (!possible) return;
    fleet = await startFleet(size);
    await begin(fleet);
  }, 300_000);
  afterAll(async () => {
    await end();
    await fleet?.stop();
  }, 60_000);
}

/** So many of each process that is no webhook worker. */
export const ofEach = (count: number): FleetSize => ({
  gateway: count,
  relay: count,
  'sms-worker': count,
  'email-worker': count,
  'audit-worker': count,
  'lockout-worker': count,
});
