import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Batch, changingBatchStatement, Database, sql, statement, statementChannel, type Nothing } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { hold } from '../../support/hold.js';

/** Tickets, of which each call takes one from a box: a device whose code works once, without the rest. */

let opened: TestDatabase;
let others: Database;
beforeAll(async () => {
  opened = await createTestDatabase();
  others = Database.open({ url: opened.url, poolSize: 4, onError: () => undefined });
  await opened.database.query(
    statement<Nothing>(
      'test.make-boxes',
      sql`create table box (id text primary key, tickets int not null, taken int default 0)`,
    ),
  );
});
afterAll(async () => {
  await others.close();
  await opened.close();
});

const fill = statement<Nothing, { tickets: number }>(
  'test.fill-boxes',
  ($) => sql`with emptied as (delete from box where id not like 'box%')
    insert into box (id, tickets) select 'box ' || n, ${$.tickets} from generate_series(0, 99) n
    on conflict (id) do update set tickets = excluded.tickets, taken = 0`,
);
const look = statement<{ id: string; taken: number }>('test.look-into-boxes', sql`select id, taken from box`);

interface Call {
  readonly box: string;
  readonly divisor: number;
}

const take = changingBatchStatement<{ taken_from: string }, Call>(
  'test.take-ticket',
  { box: 'text', divisor: 'int' },
  ['box'],
  (asked, orPass) => sql`with ${asked},
   held as (select asked.* from asked join box b on b.id = asked.box where b.tickets > 0 for update of b ${orPass}),
   taken as (
     update box b set tickets = tickets - 1, taken = taken + 1 / h.divisor from held h where b.id = h.box
     returning h.n, b.id as taken_from
   )
   select n, taken_from from taken`,
);

let batch: Batch<{ taken_from: string }, Call>;
beforeEach(async () => {
  await opened.database.query(fill, { tickets: 1 });
  batch = new Batch(opened.database, take);
});

const boxes = (count: number) => Array.from({ length: count }, (_, index) => `box ${index}`);
const from = (box: string, of = batch, divisor = 1) => of.ask({ box, divisor });
const taken = async () => (await opened.database.query(look)).reduce((sum, { taken: each }) => sum + each, 0);

/** @returns what `work` gives, and the names of the statements that it took */
async function named<T>(work: () => Promise<T>): Promise<{ result: T; names: string[] }> {
  const names: string[] = [];
  const note = (name: unknown) => void names.push(String(name));
  statementChannel.subscribe(note);
  const result = await work().finally(() => statementChannel.unsubscribe(note));
  return { result, names };
}

test('calls go together, and each is told of its own', async () => {
  const { result, names } = await named(() => Promise.all(boxes(60).map((box) => from(box))));
  expect(result).toEqual(boxes(60).map((box) => [expect.objectContaining({ taken_from: box })]));
  expect(await taken()).toBe(60);
  expect(names).toEqual(Array(4).fill('test.take-ticket-together'));
});

test('of many who want the same, in one process and in two, as many get it as there are', async () => {
  const other = new Batch(others, take);
  const calls = boxes(12).flatMap((box) => [from(box), from(box), from(box, other), from(box, other)]);
  const results = await Promise.all(calls);
  expect(results.filter((rows) => rows.length > 0)).toHaveLength(12);
  expect(await taken()).toBe(12);
});

test('a row that somebody holds keeps only those waiting that want it', async () => {
  const held = await hold(opened.url, `select from box where id = 'box 7' for update`);
  const done: string[] = [];
  const all = boxes(60).map(async (box) => {
    await from(box);
    done.push(box);
  });
  const { names } = await named(() => Promise.all(all.filter((_, index) => index !== 7)));
  expect(done).not.toContain('box 7');
  // Only the one that was passed over was asked again.
  expect(names.filter((name) => name === 'test.take-ticket')).toHaveLength(1);
  await held.release();
  await Promise.all(all);
  expect(await taken()).toBe(60);
});

test('a call that PostgreSQL refuses fails alone, and the others are done once', async () => {
  const results = await Promise.allSettled(boxes(40).map((box, index) => from(box, batch, index === 20 ? 0 : 1)));
  const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
  expect(failed).toEqual([20]);
  expect(results[20]).toMatchObject({ reason: { code: '22012' } });
  expect(await taken()).toBe(39);
});

test('two processes that want the same rows in opposite order never wait for each other', async () => {
  await opened.database.query(fill, { tickets: 1000 });
  const there = new Batch(others, take);
  for (let round = 0; round < 30; round += 1) {
    const forth = boxes(50).map((box) => from(box));
    const back = boxes(50)
      .toReversed()
      .map((box) => from(box, there));
    await Promise.all([...forth, ...back]);
  }
  // A deadlock would fail this file.
  expect(await taken()).toBe(30 * 100);
});

test('a server that dies in the middle leaves all of a statement or nothing, and the next call is answered', async () => {
  const held = await hold(opened.url, 'lock table box in share mode');
  const carried = Promise.allSettled(boxes(20).map((box) => from(box)));
  await held.waiting(2);
  const end = statement<object>(
    'test.end-waiting',
    sql`select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and wait_event_type = 'Lock'`,
  );
  await others.query(end);
  await held.release();
  const results = await carried;
  const done = results.filter(({ status }) => status === 'fulfilled').length;
  expect(done).toBeLessThan(20);
  expect(await taken()).toBe(done);
  expect(await from('box 60')).toMatchObject([{ taken_from: 'box 60' }]);
});

test('inside a transaction a call goes by its connection, and is undone with it', async () => {
  await opened.database.rehearse(async () => {
    expect(await from('box 1')).toMatchObject([{ taken_from: 'box 1' }]);
  });
  expect(await taken()).toBe(0);
});
