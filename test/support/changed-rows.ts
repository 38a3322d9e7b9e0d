import type { TestPanel } from './gateway-harness.js';

type Content = Readonly<Record<string, unknown>>;

/** A row before and after a call; undefined where there was, or is, none. */
export interface ChangedRow {
  readonly table: string;
  /** Values of its primary key. */
  readonly key: string;
  readonly before: Content | undefined;
  readonly after: Content | undefined;
}

/** Every row of every table, by table and key. */
export type Rows = ReadonlyMap<string, Content>;

/** Changes of these alone are no fact: they say when a row was written, or used. */
const timesOfUse: Readonly<Record<string, readonly string[]>> = {
  account: ['updated_at'],
  app_user: ['updated_at'],
  api_key: ['last_used_at'],
  device: ['last_used_at'],
};

/** @param without tables that are not looked at */
export async function readAllRows(panel: TestPanel, without: readonly string[] = []): Promise<Rows> {
  const tables = await panel.sql<{ table: string; columns: string[] }>(
    `select c.relname::text as "table", array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
       join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all ($1)
     group by c.relname order by c.relname`,
    [['migration', ...without]],
  );
  const queries = tables.map(({ table, columns }) => {
    const key = columns.map((column) => `r."${column}"::text`).join(', ');
    const left = (timesOfUse[table] ?? []).map((column) => ` - '${column}'`).join('');
    return `select '${table} ' || concat_ws(' ', ${key}) as place, to_jsonb(r)${left} as content from "${table}" r`;
  });
  const rows = await panel.sql<{ place: string; content: Content }>(queries.join(' union all '));
  return new Map(rows.map(({ place, content }) => [place, content]));
}

export function changedRows(before: Rows, after: Rows): ChangedRow[] {
  const places = [...new Set([...before.keys(), ...after.keys()])];
  return places
    .filter((place) => JSON.stringify(before.get(place)) !== JSON.stringify(after.get(place)))
    .map((place) => {
      const [table = '', ...key] = place.split(' ');
      return { table, key: key.join(' '), before: before.get(place), after: after.get(place) };
    });
}
