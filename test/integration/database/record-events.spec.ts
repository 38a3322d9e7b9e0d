import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId } from '#contracts';
import { eventOfEach, recordEvents, sql, statement, type Nothing } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await createTestDatabase();
});
afterAll(() => opened.close());

const columns = { tenant_id: `'tnt_1'` };
const tell = statement<Nothing, { ids: readonly string[]; lockouts: number; challenges: number }>(
  'test.record-events',
  ($) =>
    recordEvents(
      $.ids,
      eventOfEach('lockout.ended', {
        from: sql`generate_series(1, ${$.lockouts}::int) n`,
        columns,
        data: { lockoutId: 'n', subject: `'device'`, deviceId: `nullif('dev_' || n, 'dev_1')`, reason: `'elapsed'` },
      }),
      eventOfEach('challenge.expired', {
        from: sql`generate_series(1, ${$.challenges}::int) n`,
        columns,
        data: { challengeId: 'n', purpose: `'login'`, application: 'null' },
      }),
    ),
);
const accept = statement<Nothing, { ids: readonly string[] }>('test.record-acceptance', ($) =>
  recordEvents(
    $.ids,
    eventOfEach('audit.checkpoint_accepted', {
      from: '(select 1) one',
      columns,
      data: { sequence: '1', formerSequence: 'null::int', reason: `'restored'` },
    }),
  ),
);
const readAll = statement<{ id: string; type: string; data: Record<string, unknown> }>(
  'test.read-events',
  sql`select id, type, data from event order by id`,
);

const newIds = (count: number) => Array.from({ length: count }, () => newId('event'));
let before: string[] = [];
const written = async () => {
  const rows = await opened.database.query(readAll);
  return rows.filter(({ id }) => !before.includes(id));
};
beforeEach(async () => {
  before = (await opened.database.query(readAll)).map(({ id }) => id);
});

test('each row of each query is told, under an id of its own', async () => {
  const ids = newIds(300);
  await opened.database.query(tell, { ids, lockouts: 250, challenges: 30 });
  const events = await written();
  expect(new Set(events.map(({ id }) => id)).size).toBe(280);
  expect(events.filter(({ id }) => !ids.includes(id))).toEqual([]);
  expect(events.filter(({ type }) => type === 'lockout.ended')).toHaveLength(250);
  expect(events.filter(({ type }) => type === 'challenge.expired')).toHaveLength(30);
});

test('with fewer ids than rows, nothing is written: no event is left out', async () => {
  const values = { ids: newIds(100), lockouts: 101, challenges: 0 };
  await expect(opened.database.query(tell, values)).rejects.toMatchObject({ code: '23502', column: 'id' });
  expect(await written()).toEqual([]);
});

test('a field that an event may lack is left out', async () => {
  await opened.database.query(tell, { ids: newIds(2), lockouts: 2, challenges: 0 });
  const told = (await written()).map(({ data }) => data);
  expect(told).toContainEqual({ lockoutId: 1, subject: 'device', reason: 'elapsed' });
  expect(told).toContainEqual({ lockoutId: 2, subject: 'device', deviceId: 'dev_2', reason: 'elapsed' });
});

test('a field that may be null is kept', async () => {
  await opened.database.query(accept, { ids: newIds(1) });
  const told = (await written()).map(({ data }) => data);
  expect(told).toEqual([{ sequence: 1, formerSequence: null, reason: 'restored' }]);
});
