import type { TestPanel } from './gateway-harness.js';

/**
 * Number and checksum of the rows of every table, to show that a refused call wrote nothing.
 * When an API key was last used is left out: that is written whenever a minute has passed.
 * @param without a tenant whose rows don't count, where they can be told
 */
export async function readRows(panel: TestPanel, without = ''): Promise<Record<string, string>> {
  const columns = await panel.sql<{ table: string; tenant: string | null }>(
    `select t.table_name as "table",
       case when t.table_name = 'tenant' then 'id' else max(c.column_name) filter (where c.column_name = 'tenant_id') end as tenant
     from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
     where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and t.table_name <> 'migration'
     group by t.table_name order by t.table_name`,
  );
  const text = (table: string) => (table === 'api_key' ? `(to_jsonb(r) - 'last_used_at')::text` : 'r::text');
  const queries = columns.map(
    ({ table, tenant }) => `select '${table}' as "table",
      count(*) || ' ' || coalesce(md5(string_agg(${text(table)}, '' order by ${text(table)} collate "C")), '-') as rows
      from "${table}" r where ${tenant === null ? 'true' : `r.${tenant} <> $1`} and $1 is not null`,
  );
  const rows = await panel.sql<{ table: string; rows: string }>(queries.join(' union all '), [without]);
  return Object.fromEntries(rows.map((row) => [row.table, row.rows]));
}
