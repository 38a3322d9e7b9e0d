/** What reads a database's definitions: of which table, and as what text. In this order for each table. */
const parts = [
  /** A column a line. */
  `
    select c.relname as table, 'create table ' || c.relname || E' (\\n' || string_agg(line, E',\\n' order by place, line) || E'\\n);' as text
    from pg_class c cross join lateral (
      select a.attnum as place, '  ' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attidentity <> '' then ' generated always as identity' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || case when a.attnotnull then ' not null' else '' end as line
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all
      select 10000, '  constraint ' || conname || ' ' || pg_get_constraintdef(o.oid)
      from pg_constraint o where o.conrelid = c.oid and o.contype <> 'n'
    ) l
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    group by c.relname`,
  `
    select c.relname as table, replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON ') || ';' as text
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint o where o.conindid = i.indexrelid)`,
  `
    select c.relname as table, replace(pg_get_triggerdef(t.oid), ' ON public.', ' ON ') || ';' as text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and not t.tgisinternal`,
  `
    select '' as table, pg_get_functiondef(p.oid) || ';' as text
    from pg_proc p where p.pronamespace = 'public'::regnamespace`,
];

/**
 * The tables of Sallyport with their indexes and triggers, and its functions. Rights and policies stand in
 * `libs/persistence/src/roles.ts`, and the tables of the queues are BullMQ's.
 * @param {import('pg').Client} client to a migrated database
 */
export async function describeSchema(client) {
  const ofParts = await Promise.all(
    parts.map((text) => client.query(`select * from (${text}) t where "table" <> 'migration' order by "table", text`)),
  );
  const found = ofParts.flatMap(({ rows }) => rows);
  const tables = [...new Set(found.map(({ table }) => table))].toSorted();
  return `${tables.flatMap((name) => found.filter(({ table }) => table === name).map(({ text }) => text)).join('\n\n')}\n`;
}
