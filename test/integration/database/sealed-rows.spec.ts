import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPersonal, UnsealError } from '#persistence';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { sealedValues } from '../../support/sealed-values.js';

/**
 * T23: someone who writes to the database moves a sealed value that they know into a row that they want. What a kind of
 * value is bound to is tried out for each, through what opens it.
 */
let panel: TestPanel;
const kinds = sealedValues(new Proxy({} as TestPanel, { get: (_, name) => Reflect.get(panel, name) as unknown }));
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

describe('T23: a sealed value that was moved into another row does not open there', () => {
  test.each(Object.entries(kinds))('%s', async (_, make) => {
    const { table, column, key = 'id', known, wanted, opens, attack = opens } = await make();
    const read = async (row: unknown) =>
      (await panel.sql<{ sealed: Buffer }>(`select ${column} as sealed from ${table} where ${key} = $1`, [row]))[0]
        ?.sealed;
    const write = (sealed: Buffer | undefined) =>
      panel.sql(`update ${table} set ${column} = $2 where ${key} = $1`, [wanted, sealed]);
    const [theirs, own] = [await read(known), await read(wanted)];
    expect([theirs, own]).toEqual([expect.any(Buffer), expect.any(Buffer)]);

    await write(theirs);
    expect(await attack()).toBe(503);
    // It was the move and nothing else.
    await write(own);
    expect(await opens()).toBe(200);
  });

  test('what is personal in an event, neither under the key of its user nor under another’s', async () => {
    const [attacker, owner] = [await panel.totpUser(), await panel.totpUser()];
    const rows = await panel.sql<{ id: string; userId: string; personal: Buffer; key: Buffer; ref: string }>(
      `select e.id, e.user_id as "userId", e.personal_sealed as personal, u.event_key_sealed as key, u.id as ref
       from event e join app_user u on u.id = e.user_ref
       where e.personal_sealed is not null and e.user_id = any($1) order by e.id`,
      [[attacker.userId, owner.userId]],
    );
    expect(new Set(rows.map(({ userId }) => userId)).size).toBe(2);
    for (const row of rows) {
      const eventKey = panel.sealer.open('event-key', row.ref, row.key);
      expect(openPersonal(eventKey, row.id, row.personal)).toEqual(expect.any(Object));
      for (const other of rows.filter(({ id }) => id !== row.id)) {
        expect(() => openPersonal(eventKey, row.id, other.personal)).toThrow(UnsealError);
        expect(() => openPersonal(eventKey, other.id, row.personal)).toThrow(UnsealError);
      }
    }
  });

  test('each sealed column of the database is among these', async () => {
    const columns = await panel.sql<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and column_name like '%\\_sealed' order by 1`,
    );
    const tried = await Promise.all(Object.values(kinds).map(async (kind) => kind()));
    const known = new Set(['event.personal_sealed', ...tried.map(({ table, column }) => `${table}.${column}`)]);
    expect(columns.map(({ name }) => name)).toEqual([...known].toSorted());
  });
});
