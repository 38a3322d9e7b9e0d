import type { Database } from './database.js';
import { isConnectionFault, isDiskFull, isWaitFault } from './faults.js';
import { sql, statement, type Statement } from './statement.js';

/** Calls that one statement takes at most. */
const callsAtMost = 16;
/** Statements of one batch that are under way at a time; the calls that come meanwhile share the next one. */
const atOnce = 2;
/** A statement that takes longer holds nobody else up, in ms: its connection may be one that leads nowhere. */
const patienceMs = 100;

/** A statement that answers several calls; `Database.query` takes none. */
export interface BatchStatement<Row extends object = object, Call extends object = object> {
  /** For all the calls, as a JSON list; `n` says whose a row is. */
  readonly forAll: Statement<Row & { readonly n: number }, { calls: string }>;
  /** For the compiler only: what one call asks. */
  readonly call?: Call;
}

/**
 * Declares a statement for a `Batch`, which asks for `Row` by `Call`.
 * @param fields of a call, each with its type in PostgreSQL
 * @param text the statement around its query `asked`: a row for each call, with those columns and `n`, which every row of the
 *   answer has to carry
 */
export function batchStatement<Row extends object, Call extends object>(
  name: string,
  fields: Readonly<Record<keyof Call, string>>,
  text: (asked: string) => string,
): BatchStatement<Row, Call> {
  const columns = Object.entries({ n: 'int', ...fields }).map(([column, type]) => `${column} ${type}`);
  const asked = (calls: string) => sql`asked as (
    select * from jsonb_to_recordset(${calls}::jsonb) as c(${columns.join(', ')}) limit ${callsAtMost})`;
  return { forAll: statement(name, ({ calls }) => text(asked(calls))) };
}

interface WaitingCall<Row> {
  readonly fields: object;
  resolve(rows: Row[]): void;
  reject(error: unknown): void;
}

/**
 * Calls of one statement that come at the same time, asked in one: what costs most of a small statement is to begin and to
 * commit it (of 470 µs of the decision before login, 65 µs are its own), so those that come while others are under way share
 * the next. One that comes alone goes at once, alone.
 *
 * Where a statement fails by what one of its calls is about, it has done nothing, and each is asked by itself.
 */
export class Batch<Row extends object, Call extends object> {
  private readonly waiting: WaitingCall<Row>[] = [];
  private underWay = 0;

  constructor(
    private readonly database: Database,
    private readonly statement: BatchStatement<Row, Call>,
  ) {}

  /** @param fields of the call, as JSON has them; what is undefined or null is null */
  async ask(fields: Call): Promise<Row[]> {
    // What belongs to a transaction goes by its connection, and nobody else's with it.
    if (this.database.inTransaction) return this.read([fields]).then(([rows = []]) => rows);
    return new Promise((resolve, reject) => {
      this.waiting.push({ fields, resolve, reject });
      this.goOn();
    });
  }

  private goOn(): void {
    while (this.waiting.length > 0 && this.underWay < atOnce) {
      this.underWay += 1;
      let counted = true;
      const makeRoom = () => {
        if (!counted) return;
        counted = false;
        this.underWay -= 1;
        this.goOn();
      };
      const patience = setTimeout(makeRoom, patienceMs);
      void this.answer(this.waiting.splice(0, callsAtMost)).finally(() => {
        clearTimeout(patience);
        makeRoom();
      });
    }
  }

  private async answer(calls: readonly WaitingCall<Row>[]): Promise<void> {
    try {
      const rows = await this.read(calls.map(({ fields }) => fields));
      for (const [n, call] of calls.entries()) call.resolve(rows[n] ?? []);
    } catch (error) {
      if (calls.length === 1 || isConnectionFault(error) || isWaitFault(error) || isDiskFull(error)) {
        for (const call of calls) call.reject(error);
        return;
      }
      for (const call of calls) await this.answer([call]);
    }
  }

  /** @returns the rows of each call */
  private async read(calls: readonly object[]): Promise<Row[][]> {
    const asked = JSON.stringify(calls.map((fields, n) => ({ n, ...fields })));
    const answers: Row[][] = calls.map(() => []);
    for (const row of await this.database.query(this.statement.forAll, { calls: asked })) answers[row.n]?.push(row);
    return answers;
  }
}
