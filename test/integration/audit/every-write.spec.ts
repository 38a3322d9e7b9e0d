import { describe, expect, test } from '@jest/globals';
import { api, call, callOf, panel } from '../../support/counted-statements.js';
import { callsOfChallenges } from '../../support/calls-of-challenges.js';
import { callsOfTheLog } from '../../support/calls-of-the-log.js';
import { callsThatChangeMore } from '../../support/calls-that-change-more.js';
import { callsOfUsers } from '../../support/calls-of-users.js';
import { changedRows, readAllRows } from '../../support/changed-rows.js';
import { untoldRows, type EventContent } from '../../support/told-rows.js';

/** What is kept of a call itself, or found anew at each start. */
const bookkeeping = ['idempotent_answer', 'known_key', 'known_queue'];

const table = { ...callsOfUsers, ...callsOfChallenges, ...callsOfTheLog };

describe('what a call of the API changes, an event tells', () => {
  test('of every operation', () => {
    expect(Object.keys(table).toSorted()).toEqual(api.operations.map(({ key }) => key).toSorted());
  });

  const all = [...Object.entries(table), ...Object.entries(callsThatChangeMore)];
  const rows = all.flatMap(([key, list]) => list.map((row) => ({ key, what: '', ...row })));
  test.each(rows)('$key $what', async ({ key, make }) => {
    const made = await make();
    expect(api.find(made[1], made[2])?.key).toBe(key);
    const before = await readAllRows(panel, bookkeeping);
    expect(await call(...callOf(made))).toMatchObject({ status: made[0] });
    const changes = changedRows(before, await readAllRows(panel, bookkeeping));
    const events = changes.filter((row) => row.table === 'event').map(({ after }) => after as unknown as EventContent);
    const untold = untoldRows(
      changes.filter((row) => row.table !== 'event'),
      events,
    );
    expect({ operation: key, untold, events: events.map(({ type }) => type) }).toMatchObject({ untold: [] });
  });
});
