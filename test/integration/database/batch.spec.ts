import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Batch, batchStatement, Database, sql, statement, statementChannel, type Nothing } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await createTestDatabase();
});
afterAll(async () => {
  await opened.close();
});

interface Answer {
  readonly asked: string;
  readonly inverse: number;
}

/** As many rows for a call as its divisor says, after a while. */
const divide = batchStatement<Answer, { label: string; divisor: number; wait: number }>(
  'test.divide-together',
  { label: 'text', divisor: 'int', wait: 'float8' },
  (asked) => sql`with ${asked}
   select n, label as asked, 1.0::float8 / divisor as inverse
   from asked, pg_sleep(wait), generate_series(1, abs(divisor))`,
);

/** @returns what `work` gives, and how many statements of the batch it took */
async function counted<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  let statements = 0;
  const count = (name: unknown) => {
    if (name === divide.forAll.name) statements += 1;
  };
  statementChannel.subscribe(count);
  const result = await work().finally(() => statementChannel.unsubscribe(count));
  return { result, statements };
}

type Divisions = ReturnType<typeof divisions>;

const divisions = () => new Batch(opened.database, divide);

const ask = (batch: Divisions, count: number, divisor = (index: number) => (index % 4) + 1) =>
  Promise.allSettled(
    Array.from({ length: count }, (_, index) =>
      batch.ask({ label: `call ${index}`, divisor: divisor(index), wait: 0 }),
    ),
  );

test('each call gets its own rows, however many are asked together', async () => {
  const batch = divisions();
  const { result, statements } = await counted(() => ask(batch, 100));
  for (const [index, outcome] of result.entries()) {
    const divisor = (index % 4) + 1;
    const row = expect.objectContaining({ asked: `call ${index}`, inverse: 1 / divisor });
    expect(outcome).toEqual({ status: 'fulfilled', value: Array.from({ length: divisor }, () => row) });
  }
  // Nobody goes alone who came in the same turn of the event loop.
  expect(statements).toBe(Math.ceil(100 / 16));
});

test('a call that comes alone goes alone, without waiting for another', async () => {
  const batch = divisions();
  const { result, statements } = await counted(async () => {
    const rows = [];
    for (const label of ['a', 'b', 'c']) rows.push(await batch.ask({ label, divisor: 1, wait: 0 }));
    return rows;
  });
  expect(result).toMatchObject([[{ asked: 'a' }], [{ asked: 'b' }], [{ asked: 'c' }]]);
  expect(statements).toBe(3);
});

test('calls that nobody is in a hurry for wait a moment for each other, and no longer than for a full statement', async () => {
  const gathering = () => new Batch(opened.database, divide, { gatherMs: 500, atOnce: 1 });
  const few = gathering();
  const one = (label: string) => few.ask({ label, divisor: 1, wait: 0 });
  const { result, statements } = await counted(async () => {
    const first = one('first');
    await new Promise((done) => setTimeout(done, 50));
    return Promise.all([first, one('second'), one('third')]);
  });
  expect(result.flat().map(({ asked }) => asked)).toEqual(['first', 'second', 'third']);
  expect(statements).toBe(1);
  const many = await counted(() => ask(gathering(), 40));
  expect(many.result.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(many.statements).toBe(Math.ceil(40 / 16));
});

test('a call that PostgreSQL refuses fails alone', async () => {
  const batch = divisions();
  const tooLarge = 3_000_000_000;
  const result = await ask(batch, 40, (index) => (index === 17 ? tooLarge : 1));
  const failed = result.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
  expect(failed).toEqual([17]);
  expect(result[17]).toMatchObject({ reason: { message: expect.stringContaining('out of range') } });
});

test('one that takes long does not hold up those that come later', async () => {
  const batch = divisions();
  const order: string[] = [];
  const call = (label: string, wait: number) => batch.ask({ label, divisor: 1, wait }).then(() => order.push(label));
  const slow = call('slow', 2);
  // Its statement has gone.
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([slow, call('quick', 0), call('quick too', 0)]);
  expect(order).toEqual(['quick', 'quick too', 'slow']);
});

test('what comes while a statement is under way shares the next; beside it go only full ones', async () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const run = async () => {
    const batch = divisions();
    const first = ask(batch, 1);
    await turn();
    // Sixteen go beside the first, and four share the next with those of the turn after.
    const second = ask(batch, 20);
    await turn();
    await Promise.all([first, second, ask(batch, 4)]);
  };
  const taken: number[] = [];
  // Several times: where the machine is busy, a statement may have ended between two turns.
  for (let times = 0; times < 10; times += 1) taken.push((await counted(run)).statements);
  expect(Math.min(...taken)).toBe(3);
});

test('a call inside a transaction goes by its connection, and nobody else with it', async () => {
  const own = batchStatement<{ name: string }, { id: string }>(
    'test.read-own-write-together',
    { id: 'text' },
    (asked) => sql`with ${asked} select n, t.name from asked join tenant t using (id)`,
  );
  const batch = new Batch(opened.database, own);
  const outside = () => batch.ask({ id: 'tnt_unseen' });
  await opened.database.rehearse(async () => {
    await opened.database.query(
      statement<Nothing>('test.write-tenant', sql`insert into tenant (id, name) values ('tnt_unseen', 'x')`),
    );
    expect(await outside()).toMatchObject([{ name: 'x' }]);
  });
  expect(await outside()).toEqual([]);
});

test('a lost connection fails the calls that it carried, and no later one', async () => {
  const batch = divisions();
  const carried = Promise.allSettled([
    batch.ask({ label: 'a', divisor: 1, wait: 20 }),
    batch.ask({ label: 'b', divisor: 1, wait: 20 }),
  ]);
  const end = statement<object>(
    'test.end-sleepers',
    sql`select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and wait_event = 'PgSleep'`,
  );
  for (let ended = 0; ended < 1;) ended += (await opened.database.query(end)).length;
  expect(await carried).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(await batch.ask({ label: 'c', divisor: 1, wait: 0 })).toMatchObject([{ asked: 'c' }]);
});

test('people of many tenants who log in at the same moment are each told of themselves, and a damaged policy is nobody else’s', async () => {
  const panel: TestPanel = await startPanel();
  try {
    const tenants = await Promise.all([panel.tenant(), panel.tenant(), panel.tenant()]);
    const people = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const tenant = tenants[index % tenants.length] ?? panel;
        // The same ids in each tenant.
        const accountId = `company-${Math.floor(index / 3)}`;
        const userId = `jane-${Math.floor(index / 3)}`;
        await tenant.call('PUT', `/v1/accounts/${accountId}`, {});
        const kind = index % 2 === 0 ? 'person' : 'service';
        await tenant.call('PUT', `/v1/accounts/${accountId}/users/${userId}`, { kind });
        return { tenant, accountId, userId, kind, damaged: index === 30 };
      }),
    );
    const damaged = people[30];
    await panel.sql(
      `update account set policy = '{"trustedBrowser":{"days":"many"}}' where tenant_id = $1 and external_id = $2`,
      [damaged?.tenant.tenantId, damaged?.accountId],
    );
    const answers = await Promise.all(
      people.map(({ tenant, accountId, userId }) => tenant.call('POST', '/v1/challenges', { accountId, userId })),
    );
    for (const [index, { kind, damaged: broken }] of people.entries()) {
      const { status, body } = answers[index] ?? {};
      const usual =
        kind === 'person'
          ? { status: 201, body: { decision: 'allow', reason: 'two_factor_off' } }
          : { status: 201, body: { decision: 'deny', reason: 'service_user_interactive' } };
      expect({ index, status, body }).toMatchObject({ index, ...(broken ? { status: 503 } : usual) });
    }
    const written = await panel.sql(
      `select tenant_id as tenant, account_id as account, user_id as "user", type, data ->> 'reason' as reason
       from event where type in ('login.allowed', 'login.denied')`,
      [],
    );
    const expected = people
      .filter(({ damaged: broken }) => !broken)
      .map(({ tenant, accountId, userId, kind }) => ({
        tenant: tenant.tenantId,
        account: accountId,
        user: userId,
        type: kind === 'person' ? 'login.allowed' : 'login.denied',
        reason: kind === 'person' ? 'two_factor_off' : 'service_user_interactive',
      }));
    expect(written).toHaveLength(expected.length);
    expect(written).toEqual(expect.arrayContaining(expected));
  } finally {
    await panel.stop();
  }
});

test('a statement that fails by what it met leaves its connection to the next; one whose plan is stale does not', async () => {
  const raise = statement<object, { code: string }>('test.raise', ($) => sql`select test_raise(${$.code})`);
  const whose = statement<{ pid: number }>('test.backend', sql`select pg_backend_pid() as pid`);
  const alone = Database.open({ url: opened.url, poolSize: 1, onError: () => undefined });
  const after = async (code: string) => {
    await expect(alone.query(raise, { code })).rejects.toMatchObject({ code });
    return (await alone.one(whose))?.pid;
  };
  try {
    await alone.query(
      statement<object>(
        'test.make-raise',
        sql`create function test_raise(code text) returns int language plpgsql as $$ begin raise 'no' using errcode = code; end $$`,
      ),
    );
    const first = (await alone.one(whose))?.pid;
    // No room, a row that is there, a value out of its range, a lock that somebody holds.
    for (const code of ['53100', '23505', '22003', '55P03']) expect([code, await after(code)]).toEqual([code, first]);
    // Cached plan must not change its result.
    const second = await after('0A000');
    expect(second).not.toBe(first);
    expect(await after('XX000')).not.toBe(second);
  } finally {
    await alone.close();
  }
});
