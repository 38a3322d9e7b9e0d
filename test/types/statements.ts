/** What the types of a statement must refuse, and what they must know; `npm run check:types` is the test. */
import { Batch, batchStatement, sql, statement, type Database } from '#persistence';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
declare function holds<_Claim extends true>(): void;

const findKey = statement<{ id: string }, { hash: Buffer; application: string | null }>(
  'types.find-key',
  ($) => sql`select id from api_key where hash = ${$.hash} and application = ${$.application}`,
);
const countKeys = statement<{ keys: number }>('types.count-keys', sql`select count(*) as keys from api_key`);
const askKeys = batchStatement<{ id: string }, { hash: string }>(
  'types.ask-keys',
  { hash: 'text' },
  (asked) => sql`with ${asked} select n, id from asked join api_key using (hash)`,
);

export async function calls(database: Database, hash: Buffer, anyNames: Record<string, Buffer>): Promise<void> {
  // @ts-expect-error without its values
  await database.one(findKey);
  // @ts-expect-error without one of them
  await database.one(findKey, { hash });
  // @ts-expect-error a value too many
  await database.one(findKey, { hash, application: null, tenantId: '' });
  // @ts-expect-error a value of another name
  await database.one(findKey, { hash, app: null });
  // @ts-expect-error a value of another type
  await database.one(findKey, { hash: 'text', application: null });
  // @ts-expect-error values of names that nobody knows
  await database.query(findKey, anyNames);
  // @ts-expect-error a list
  await database.query(findKey, [hash, null]);
  // @ts-expect-error values where there are none
  await database.query(countKeys, { hash });
  // @ts-expect-error what answers several calls is asked by its batch
  await database.query(askKeys, { hash: '' });
  // @ts-expect-error a call without its field
  await new Batch(database, askKeys).ask({});

  const key = await database.one(findKey, { hash, application: null });
  holds<Same<typeof key, { id: string } | undefined>>();
  const counts = await database.query(countKeys);
  holds<Same<typeof counts, { keys: number }[]>>();
  const rows = await new Batch(database, askKeys).ask({ hash: '' });
  holds<Same<typeof rows, { id: string }[]>>();
}

// @ts-expect-error a name that was not declared
statement<{ id: string }, { hash: Buffer }>('types.misspelt', ($) => sql`select id from api_key where hash = ${$.has}`);
// @ts-expect-error a name where none was declared
statement<{ id: string }>('types.undeclared', ($) => sql`select id from api_key where hash = ${$.hash}`);
// @ts-expect-error a part that was not called
statement<{ id: string }>('types.not-called', () => sql`select id from api_key where ${() => 'true'}`);
// @ts-expect-error a field without its type in PostgreSQL
batchStatement<{ id: string }, { hash: string }>('types.field', {}, (asked) => sql`with ${asked} select n from asked`);
