import { sql, statement, type Nothing, type Statement } from '#persistence';
import { sealedColumns, type SealedColumn, type SealedRow } from './sealed-columns.js';

export interface FoundValue extends SealedRow {
  readonly sealed: Buffer;
}

/** The values of one column, as they are read and written back. */
interface ColumnStatements {
  /** The next values, by their rows' ids, that are sealed under another key than the active one. */
  readonly read: Statement<FoundValue, { after: string | null; header: Buffer; size: number }>;
  /**
   * Puts values that were sealed anew in the place of those that were read, where these are still there. It waits for
   * nobody: a row that somebody holds keeps what it has, and is found again by the next pass.
   */
  readonly write: Statement<
    { id: string },
    { ids: readonly string[]; seen: readonly Buffer[]; fresh: readonly Buffer[] }
  >;
}

/** Columns that have no `id` of text. */
const keyed: Readonly<Record<string, { readonly column: string; shown: string; taken(id: string): string }>> = {
  idempotent_answer: { column: 'key', shown: sql`encode(t.key, 'hex')`, taken: (id) => sql`decode(${id}, 'hex')` },
};
const byId = { column: 'id', shown: 't.id', taken: (id: string) => id };

const owned: Readonly<Record<string, string>> = {
  device: sql`t.tenant_id as "tenantId", null as "deviceId"`,
  delivery: sql`t.tenant_id as "tenantId", t.device_id as "deviceId"`,
};
const unowned = sql`null as "tenantId", null as "deviceId"`;

function statementsOf({ table, column }: SealedColumn): ColumnStatements {
  const key = keyed[table] ?? byId;
  const name = `${table}-${column}`.replaceAll('_', '-');
  return {
    read: statement(
      `read-sealed-before.${name}`,
      ($) => sql`select ${key.shown} as id, ${owned[table] ?? unowned}, t.${column} as sealed
   from ${table} t
   where substring(t.${column} from 1 for octet_length(${$.header}::bytea)) <> ${$.header}::bytea
     and (${$.after}::text is null or t.${key.column} > ${key.taken(sql`${$.after}::text`)})
   order by t.${key.column} limit ${$.size}::int`,
    ),
    write: statement(
      `write-sealed-anew.${name}`,
      ($) => sql`with given as (
     select ${key.taken('g.id')} as key, g.seen, g.fresh
     from unnest(${$.ids}::text[], ${$.seen}::bytea[], ${$.fresh}::bytea[]) as g(id, seen, fresh)
   ), held as (
     select t.${key.column} as key from ${table} t join given g on t.${key.column} = g.key
     where t.${column} = g.seen
     order by t.${key.column} for no key update of t skip locked
   )
   update ${table} t set ${column} = g.fresh
   from given g join held h on h.key = g.key
   where t.${key.column} = g.key and t.${column} = g.seen
   returning ${key.shown} as id`,
    ),
  };
}

const statements = new Map(sealedColumns.map((column) => [column, statementsOf(column)]));

/** @throws {TypeError} for a column that is not in the catalogue */
export function statementsFor(column: SealedColumn): ColumnStatements {
  const found = statements.get(column);
  if (!found) throw new TypeError(`${column.table}.${column.column} is not in the catalogue.`);
  return found;
}

export interface KeyUse {
  readonly table: string;
  readonly column: string;
  readonly keyId: string;
  readonly values: number;
}

// As `Sealer` writes it: format, length of the key's id, the id.
const usesOf = (kind: SealedColumn['kind']) =>
  sealedColumns
    .filter((column) => column.kind === kind)
    .map(
      ({ table, column }) => sql`select '${table}' as table, '${column}' as column,
     convert_from(substring(${column} from 3 for get_byte(${column}, 1)), 'UTF8') as "keyId", count(*)::int as values
   from ${table} where ${column} is not null group by 3`,
    )
    .join('\n   union all ');

/** How many values are sealed under which key. */
export const countUses: Readonly<Record<SealedColumn['kind'], Statement<KeyUse, Nothing>>> = {
  sealing: statement('count-values-by-sealing-key', usesOf('sealing')),
  webhook: statement('count-values-by-webhook-key', usesOf('webhook')),
};
