import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { declaredStatements, type Statement } from '#persistence';
import { createTestDatabase } from '../../support/database.js';
import { readDeclaredTypes, type DeclaredTypes } from '../../support/declared-types.js';
import { declaration, readSources } from '../../support/sources.js';

/** Runs when it is imported. */
const program = 'apps/standalone/src/admin.ts';
const paths = readSources().flatMap(({ path, text }) =>
  text.search(declaration) >= 0 && path !== program ? path : [],
);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: pg.Client;
let declared: DeclaredTypes[];

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const path of paths) await import(join(import.meta.dirname, '../../..', path));
  declared = readDeclaredTypes(paths);
}, 120_000);
afterAll(async () => {
  await client.end();
  await database.close();
});

/** The columns that PostgreSQL says a statement answers (Describe, PostgreSQL, Message Flow). It is not run. */
function columnsOf({ text }: Pick<Statement, 'text'>): Promise<string[]> {
  let columns: string[] = [];
  return new Promise((resolve, reject) => {
    client.query({
      submit(connection: pg.Connection) {
        connection.parse({ name: '', text, types: [] }, true);
        connection.describe({ type: 'S', name: '' }, true);
        connection.sync();
      },
      handleRowDescription(message: { fields: { name: string }[] }) {
        columns = message.fields.map(({ name }) => name);
      },
      handleError: reject,
      // One of a row that two queries joined stands in it twice.
      handleReadyForQuery: () => resolve([...new Set(columns)].toSorted()),
    } as unknown as pg.Submittable);
  });
}

const statementsOf = ({ names }: DeclaredTypes) =>
  [...declaredStatements.values()].filter(({ name }) => names.test(name));

test('the columns of each statement are those of its row type', async () => {
  const found: object[] = [];
  const expected: object[] = [];
  for (const one of declared) {
    for (const statement of statementsOf(one)) {
      if (one.columns === null) continue;
      found.push({ name: statement.name, columns: await columnsOf(statement) });
      expected.push({ name: statement.name, columns: one.columns.toSorted() });
    }
  }
  expect(found).toEqual(expected);
  expect(found.length).toBeGreaterThan(150);
});

test('each value that a statement takes stands in its text', () => {
  const unused = declared.flatMap((one) => {
    const used = new Set(statementsOf(one).flatMap(({ names }) => names));
    return one.values.filter((value) => !used.has(value)).map((value) => `${one.names.source}: ${value}`);
  });
  expect(unused).toEqual([]);
});

test('every statement is declared where the compiler finds it', () => {
  const known = new Set(declared.flatMap((one) => statementsOf(one).map(({ name }) => name)));
  const ours = [...declaredStatements.keys()].filter((name) => !/^test[.-]/.test(name));
  expect(ours.filter((name) => !known.has(name))).toEqual([]);
});

test('a column of another name is seen', async () => {
  expect(await columnsOf({ text: 'select id, name as "called" from tenant where id = $1' })).toEqual(['called', 'id']);
  expect(await columnsOf({ text: 'delete from tenant where id = $1' })).toEqual([]);
});
