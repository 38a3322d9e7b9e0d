import Sequencer from '@jest/test-sequencer';

/**
 * Files that take long, mostly by waiting, the longest first. Jest goes by how long each took the last time; a machine that
 * ran none of them yet would begin with the largest files and have these left in the end, one worker idle after the other.
 */
const long = [
  'two-factor/states',
  'devices/import-command',
  'queues/redis',
  'database/held-rows',
  'relay/relay',
  'relay/jobs',
  'processes/start',
  'processes/standalone',
  'processes/secrets',
  'database/full-disk',
  'e2e/panel',
  'e2e/panel-pages',
  'races/guessing',
  'races/quota',
  'e2e/panel-presses',
  'delivery/delivery',
  'audit/set-aside',
  'upgrades/rolling',
  'e2e/panel-standing',
  'codes/pumping',
  'database/plans',
];

export default class LongestFirst extends Sequencer {
  /** @returns how long a file takes, in ms; undefined where nobody knows */
  time(test) {
    const place = long.findIndex((name) => test.path.endsWith(`/${name}.spec.ts`));
    return super.time(test) ?? (place < 0 ? undefined : 1000 * (long.length - place));
  }

  /** @returns those that nobody knows last: Jest would run them first, to learn more */
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this one is Jest's.
    const known = super.sort(tests);
    return known.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0));
  }
}
