import { setTimeout as delay } from 'node:timers/promises';
import { Sealer, sealHeader, UnsealError, type Database, type KeyRing } from '#persistence';
import { columnsOf, type SealedColumn, type SealingKind } from './sealed-columns.js';
import { countUses, statementsFor, type FoundValue, type KeyUse } from './seal-again.sql.js';

/** Values of one statement: its rows are held for some milliseconds. */
const batchSize = 200;
/** Values that somebody holds at every pass are left for another run. */
const passesAtMost = 50;
const pauseMs = 200;

export interface SealedAgain {
  /** Values that were sealed under the active key by this run. */
  readonly sealed: number;
  /** Values that somebody changed or held at every pass; another run takes them. */
  readonly left: number;
  /** Values that do not open under any key, as `device.secret_sealed dev_…`. They stay as they are. */
  readonly unreadable: readonly string[];
}

interface Work {
  readonly database: Database;
  readonly kind: SealingKind;
  readonly ring: KeyRing;
  /** Called after each batch, with how many values it has done so far. */
  say(done: number): void;
  readonly signal?: AbortSignal;
}

/**
 * Seals under the active key whatever is sealed under another one, while everybody works. A value is put back only where
 * the one that was opened is still there, so what somebody writes meanwhile stays. Each batch is committed by itself: ended in
 * the middle, it is run again and goes on from there.
 */
export async function sealAgain(work: Work): Promise<SealedAgain> {
  const unreadable = new Set<string>();
  let sealed = 0;
  let left = 0;
  for (const column of columnsOf(work.kind)) {
    for (let pass = 1; ; pass += 1) {
      const done = await passOver(work, column, unreadable, sealed);
      sealed += done.sealed;
      if (work.signal?.aborted || done.left === 0 || pass === passesAtMost) {
        left += done.left;
        break;
      }
      if (done.sealed === 0) await delay(pauseMs);
    }
    if (work.signal?.aborted) break;
  }
  return { sealed, left, unreadable: [...unreadable] };
}

/** One look at all values of a column. @returns how many were sealed, and how many somebody held or had changed */
async function passOver(
  { database, ring, say, signal }: Work,
  column: SealedColumn,
  unreadable: Set<string>,
  before: number,
): Promise<{ sealed: number; left: number }> {
  const { read, write } = statementsFor(column);
  const header = sealHeader(ring.active);
  const sealer = new Sealer(ring);
  let [sealed, left]: [number, number] = [0, 0];
  let after: string | null = null;
  while (!signal?.aborted) {
    const rows: FoundValue[] = await database.query(read, { after, header, size: batchSize });
    if (rows.length === 0) break;
    after = rows.at(-1)?.id ?? null;
    const values = rows.flatMap((row) => {
      const fresh = sealedAnew(sealer, column, row);
      if (!fresh) unreadable.add(`${column.table}.${column.column} ${row.id}`);
      return fresh ? [{ id: row.id, seen: row.sealed, fresh }] : [];
    });
    const written = await database.query(write, {
      ids: values.map(({ id }) => id),
      seen: values.map(({ seen }) => seen),
      fresh: values.map(({ fresh }) => fresh),
    });
    sealed += written.length;
    left += values.length - written.length;
    say(before + sealed);
  }
  return { sealed, left };
}

function sealedAnew(sealer: Sealer, column: SealedColumn, row: FoundValue): Buffer | undefined {
  const place = column.bound(row);
  try {
    return sealer.seal(column.purpose, place, sealer.open(column.purpose, place, row.sealed));
  } catch (error) {
    if (error instanceof UnsealError) return undefined;
    throw error;
  }
}

/** How many values of a kind are sealed under which key, by column. */
export function keyUses(database: Database, kind: SealingKind): Promise<KeyUse[]> {
  return database.query(countUses[kind]);
}
