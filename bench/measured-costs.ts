import type { Costs } from './capacity-model.ts';

/**
 * CPU time of each unit, from a run of `npm run bench -- --only core,calls` on two cores of an AMD EPYC: Node 24.21,
 * PostgreSQL 18.4, durable, 27 November 2026. To be replaced by those of your machine, or of another release.
 */
export const measuredCosts: Costs = {
  // Of a busy run: 1.0 and 1.26 times the check's beside it.
  challengeApp: { node: 340, database: 620 },
  challengeSms: { node: 447, database: 1375 },
  verify: { node: 339, database: 494 },
  relay: { node: 63, database: 18 },
  smsWorker: { node: 1483, database: 1300 },
  sealing: { node: 21, database: 26 },
  smsOverheadMs: 14,
};

/** What was measured as a whole on the same two cores, to compare the model with: a rate a second. */
export const measuredPoints = {
  verify: 1888,
  challengeSms: 944,
  /** With a provider that takes 100 ms. */
  smsWorkers1: 175,
  smsWorkers2: 335,
  smsWorkers4: 506,
} as const;
