import { sql, statement } from './statement.js';

// Each by its index, whatever PostgreSQL knows of the tables.
export const readAuditHashes = statement<
  { hash: Buffer | null },
  { tenantId: string; levels: readonly number[]; indexes: readonly number[] }
>(
  'read-audit-hashes',
  ($) => sql`select case when wanted.level = 0
     then (select leaf_hash from audit_entry a where a.tenant_id = ${$.tenantId} and a.sequence = wanted.index + 1)
     else (select hash from audit_node n
           where n.tenant_id = ${$.tenantId} and n.level = wanted.level and n.index = wanted.index) end as hash
   from unnest(${$.levels}::smallint[], ${$.indexes}::bigint[]) with ordinality as wanted(level, index, place)
   order by wanted.place`,
);
