import type { Costs } from './capacity-model.ts';

/**
 * CPU time of each unit, from a run of `npm run bench -- --only core,challenge-app --rounds 2 --seconds 4` on two cores of an AMD
 * EPYC whose floor was 4,268/s: Node 24.21, PostgreSQL 18.4, durable, 28 November 2026. To be replaced by those of your machine, or
 * of another release.
 */
export const measuredCosts: Costs = {
  challengeApp: { node: 616, database: 413 },
  challengeSms: { node: 906, database: 864 },
  verify: { node: 556, database: 298 },
  relay: { node: 121, database: 85 },
  smsWorker: { node: 1103, database: 640 },
  sealing: { node: 82, database: 45 },
  smsOverheadMs: 9,
};

/** What was measured as a whole on the same two cores, to compare the model with: a rate a second. */
export const measuredPoints = {
  verify: 1590,
  challengeSms: 859,
  /** With a provider that takes 100 ms, and so many messages in hand each. */
  smsInHand: 5,
  smsWorkers1: 46,
  smsWorkers2: 91,
  smsWorkers4: 168,
} as const;
