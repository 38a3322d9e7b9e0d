import { appendFileSync } from 'node:fs';
import type { Account } from './account-for.js';

/** How much of each fault: `short` in every run of CI, `full` before a release. */
const sizes = {
  short: {
    raceRounds: 3,
    messages: 1000,
    workerKills: 10,
    keyed: 300,
    gatewayKills: 5,
    stops: 2,
    absentSeconds: 60,
    overloadSeconds: 12,
    sealed: 100_000,
    webhookKills: 5,
    cutRounds: 1,
    frozenSeconds: 12,
    pausedSeconds: 6,
    sessionKills: 3,
    exhaustedSeconds: 6,
  },
  full: {
    raceRounds: 20,
    messages: 5000,
    workerKills: 20,
    keyed: 2000,
    gatewayKills: 20,
    stops: 5,
    absentSeconds: 60,
    overloadSeconds: 60,
    sealed: 100_000,
    webhookKills: 20,
    cutRounds: 3,
    frozenSeconds: 90,
    pausedSeconds: 30,
    sessionKills: 10,
    exhaustedSeconds: 30,
  },
} as const;

const { FAULT_BATTERY: chosen = 'short', FAULT_SEED: seedText } = process.env;
if (chosen !== 'short' && chosen !== 'full') throw new TypeError('FAULT_BATTERY is short or full.');

export const battery = sizes[chosen];

/** Decides who is hit and when; printed with the summary, so that a run can be repeated. */
export const seed = Number(seedText ?? 20_261_124);
if (!Number.isSafeInteger(seed)) throw new TypeError('FAULT_SEED is a whole number.');

export type Row = Readonly<Record<string, string | number>>;

/** Adds a row to the summary, which is printed once all of it has run. */
export function report(
  id: string,
  faults: string,
  account: Pick<Account, 'requests' | 'acknowledged' | 'delivered' | 'lost' | 'extra'> & { recoverySeconds?: number },
): void {
  const { requests, acknowledged, delivered, lost, extra, recoverySeconds } = account;
  const recovery = recoverySeconds === undefined ? '' : `${recoverySeconds.toFixed(1)} s`;
  const row: Row = { test: id, faults, requests, acknowledged, delivered, lost, extra, recovery };
  appendFileSync(process.env['FAULT_SUMMARY'] ?? '/dev/null', `${JSON.stringify(row)}\n`);
}
