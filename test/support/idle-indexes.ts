import type pg from 'pg';
import type { Statement } from '#persistence';

interface PlanNode {
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/**
 * Indexes by which none of these statements finds anything. Those of foreign keys, and of what is there once, have work
 * without that.
 */
export async function idleIndexes(client: pg.Client, statements: Iterable<Statement>): Promise<string[]> {
  const namesOf = async (text: string) => (await client.query<{ name: string }>(text)).rows.map(({ name }) => name);
  // Of these the condition is in the index itself.
  const partial = new Set(
    await namesOf('select indexrelid::regclass::text as name from pg_index where indpred is not null'),
  );
  const used = new Set<string>();
  // Some tables are empty in tests, and would be read whole.
  await client.query('set enable_seqscan = off');
  for (const { text } of statements) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (generic_plan, format json) ${text}`,
    );
    for (const node of nodesOf((rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan)) {
      const name = node['Index Name'] ?? '';
      if (node['Index Cond'] !== undefined || partial.has(name)) used.add(name);
    }
  }
  await client.query('reset enable_seqscan');
  const all = await namesOf(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace and not i.indisunique and not exists (
       select from pg_constraint k where k.contype = 'f' and k.conrelid = i.indrelid and i.indpred is null
         and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
     order by 1`,
  );
  return all.filter((name) => !used.has(name));
}
