import { describe, expect, it } from '@jest/globals';
import { capacityFor, mostPerSecond, mostSmsPerSecond, type Demand } from './capacity-model.ts';
import { measuredCosts, measuredPoints } from './measured-costs.ts';

const demand: Demand = { users: 100_000, loginsADay: 1, smsShare: 0.15, peak: 10, providerMs: 300 };
const cores = 2;

describe('the capacity model', () => {
  const { verify, challengeSms } = measuredCosts;
  const workers = (count: number) =>
    mostSmsPerSecond(measuredCosts, { workers: count, inHand: measuredPoints.smsInHand, providerMs: 100 }, cores);

  // The load generator and the operating system have their part of the same two cores, which wait for the disk besides: what was
  // measured is below.
  it.each([
    ['verifications', mostPerSecond(verify, cores), measuredPoints.verify],
    ['challenges with an SMS', mostPerSecond(challengeSms, cores), measuredPoints.challengeSms],
    ['one SMS worker', workers(1), measuredPoints.smsWorkers1],
    ['two SMS workers', workers(2), measuredPoints.smsWorkers2],
    ['four SMS workers', workers(4), measuredPoints.smsWorkers4],
  ])('comes within half of what was measured: %s', (_, computed, measured) => {
    expect(computed / measured).toBeGreaterThan(0.95);
    expect(computed / measured).toBeLessThan(1.5);
  });

  it('counts logins of the busiest second, and SMS among them', () => {
    const { loginsPerSecond, smsPerSecond } = capacityFor(demand, measuredCosts);
    expect(loginsPerSecond).toBeCloseTo(11.57, 2);
    expect(smsPerSecond).toBeCloseTo(1.736, 3);
  });

  it('counts the bytes that a year leaves: 2.9 kB a login by an app, 6.2 kB one by SMS', () => {
    const year = (smsShare: number) => capacityFor({ ...demand, smsShare }, measuredCosts).diskGb.perYear;
    expect(year(0)).toBeCloseTo(105.85, 2);
    expect(year(1)).toBeCloseTo(226.3, 2);
  });

  it('has every process twice but the one that owns its folder, and more where there is more to do', () => {
    const small = capacityFor(demand, measuredCosts);
    expect(small.processes).toEqual({ gateway: 2, relay: 2, 'sms-worker': 2, 'audit-worker': 1, 'lockout-worker': 2 });
    expect(small.connections).toBe(2 * 16 + 2 * 4 + 2 * 10 + 3 + 2 * 6);
    const large = capacityFor({ ...demand, users: 50_000_000 }, measuredCosts);
    expect(large.cores.database / small.cores.database).toBeCloseTo(500, 5);
    expect(large.processes.gateway).toBeGreaterThan(2);
    expect(large.connections).toBeGreaterThan(small.connections);
  });

  it('has more SMS workers for a provider that takes its time', () => {
    const workers = (providerMs: number) =>
      capacityFor({ ...demand, users: 10_000_000, providerMs }, measuredCosts).processes['sms-worker'];
    expect(workers(2000)).toBeGreaterThan(workers(100));
  });
});
