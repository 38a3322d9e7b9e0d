import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { roles } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let store: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  store = await createTestDatabase();
  client = new pg.Client({ connectionString: store.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
});

interface Right {
  readonly table: string;
  readonly role: string;
  readonly columns: number;
  readonly select: string[] | null;
  readonly insert: string[] | null;
  readonly update: string[] | null;
  readonly delete: boolean;
  readonly truncate: boolean;
}

const page = await readFile(join(import.meta.dirname, '../../../docs/log-rights.md'), 'utf8');
const shown = page.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim());
  // Those of the table of rights have seven cells and a table's name.
  return cells.length === 9 && cells[1]?.startsWith('`') ? [cells.slice(1, -1).filter((_, index) => index !== 1)] : [];
});
const tables = [...new Set(shown.map(([table = '']) => table.replaceAll('`', '')))];

async function readRights(): Promise<Right[]> {
  const list = (right: string) =>
    `array_agg(a.attname::text) filter (where has_column_privilege(r.role, c.oid, a.attnum, '${right}'))`;
  const found = await client.query<Right>(
    `select c.relname::text as "table", r.role, count(*)::int as columns,
       ${list('select')} as select, ${list('insert')} as insert, ${list('update')} as update,
       bool_or(has_table_privilege(r.role, c.oid, 'delete')) as delete,
       bool_or(has_table_privilege(r.role, c.oid, 'truncate')) as truncate
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       cross join unnest($2::text[]) as r(role)
     where c.relnamespace = 'public'::regnamespace and c.relname = any ($1)
     group by c.relname, r.role, c.oid`,
    [tables, Object.keys(roles)],
  );
  return found.rows;
}

test('docs/log-rights.md shows the rights that PostgreSQL gives', async () => {
  const cell = (granted: string[] | null, all: number) => {
    if (granted === null) return 'no';
    return granted.length === all ? 'yes' : granted.toSorted();
  };
  const given = (await readRights())
    .filter((right) => right.select ?? right.insert ?? right.update ?? right.delete)
    .map(({ table, role, columns, ...right }) => [
      table,
      role,
      cell(right.select, columns),
      cell(right.insert, columns),
      cell(right.update, columns),
      right.delete ? 'yes' : 'no',
    ]);
  const told = shown.map((cells) =>
    cells.map((text, index) => {
      if (index < 2 || !text.includes('`')) return text.replaceAll('`', '');
      return text.replaceAll('`', '').split(' ').toSorted();
    }),
  );
  const sorted = (list: unknown[][]) => list.map((row) => JSON.stringify(row)).toSorted();
  expect(tables.length).toBeGreaterThan(5);
  expect(sorted(given)).toEqual(sorted(told));
});

test('nobody may update, delete or truncate what is in the log', async () => {
  const kept = ['event', 'audit_entry', 'audit_checkpoint', 'audit_cosignature', 'audit_key', 'unsealable_event'];
  const rights = (await readRights()).filter(({ table }) => kept.includes(table));
  expect(rights).toHaveLength(kept.length * Object.keys(roles).length);
  expect(rights.filter((right) => right.update !== null || right.delete || right.truncate)).toEqual([]);
});

test('nobody may choose the time or the transaction of an event', async () => {
  const columns = (await readRights()).filter(({ table }) => table === 'event').flatMap(({ insert }) => insert ?? []);
  expect(columns).toContain('data');
  expect(columns).not.toContain('time');
  expect(columns).not.toContain('tx');
});
