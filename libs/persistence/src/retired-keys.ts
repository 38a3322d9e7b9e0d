import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { alone, connect } from './migrate.js';
import { sealHeader } from './sealing.js';

/** A column of sealed values. */
interface Column {
  readonly table: string;
  readonly column: string;
}

/** For as long a statement of others may have to wait behind ours, in ms. */
const lockMs = 300;
const tries = 60;
const pauseMs = 500;
const inUse: readonly (string | undefined)[] = ['55P03', '40P01'];

const constraintOf = ({ column }: Column) => `${column}_not_under_retired_key`;

/**
 * Has the database refuse values that are sealed under a key, in these columns, from now on, and looks whether there are any.
 * A process that was forgotten when keys were changed can then write nothing that nobody else opens. Of each column it guards
 * against one key: the last that was retired.
 * @returns undefined where no value is sealed under it; else the column that has one, and nothing is refused
 * @throws what PostgreSQL says, as where the user does not own the tables
 */
export async function refuseKey(url: string, keyId: string, columns: readonly Column[]): Promise<Column | undefined> {
  const header = sealHeader(keyId);
  const check = (column: string) =>
    `substring(${column} from 1 for ${header.length}) is distinct from '\\x${header.toString('hex')}'::bytea`;
  return alone(url, async () => {
    const client = await connect(url);
    try {
      for (const each of columns) {
        const name = constraintOf(each);
        await withLock(
          client,
          `alter table ${each.table} drop constraint if exists ${name}, add constraint ${name} check (${check(each.column)}) not valid`,
        );
      }
      for (const each of columns) {
        if (await isValid(client, each)) continue;
        for (const other of columns) {
          await withLock(client, `alter table ${other.table} drop constraint if exists ${constraintOf(other)}`);
        }
        return each;
      }
      return undefined;
    } finally {
      await client.end();
    }
  });
}

/** Reads the whole column, and holds nobody up. */
async function isValid(client: Client, each: Column): Promise<boolean> {
  try {
    await withLock(client, `alter table ${each.table} validate constraint ${constraintOf(each)}`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '23514') return false;
    throw error;
  }
}

/** Everybody who comes behind a definition that waits for a table waits too: it waits for a moment only, again and again. */
async function withLock(client: Client, text: string): Promise<void> {
  await client.query(`set lock_timeout = ${lockMs}`);
  for (let left = tries - 1; ; left -= 1) {
    try {
      await client.query(text);
      return;
    } catch (error) {
      if (left === 0 || !inUse.includes((error as { code?: string }).code)) throw error;
      await sleep(pauseMs);
    }
  }
}
