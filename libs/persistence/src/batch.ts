import { count, tracing } from '#runtime';
import type { Database } from './database.js';
import { isConnectionFault, isDiskFull, isWaitFault } from './faults.js';
import { sql, statement, type Placeholders, type Statement } from './statement.js';
import { tracedStatement } from './traced-statement.js';

/** Calls that one statement takes at most, where it says nothing else. */
const usuallyAtMost = 16;
/**
 * Statements of one batch that are under way at a time, where it says nothing else. Beside one, others go only full: each costs as
 * much to begin as five calls.
 */
const usuallyAtOnce = 4;
/**
 * A statement that takes longer holds nobody else up, in ms: it waits for a row, or its connection leads nowhere. Most take one or
 * two.
 */
const patienceMs = 20;

/** A statement that answers several calls; `Database.query` takes none. */
export interface BatchStatement<Row extends object = object, Call extends object = object> {
  /** For all the calls, as a JSON list; `n` says whose a row is. */
  readonly forAll: Statement<Row & { readonly n: number }, { calls: string }>;
  /** Of one that locks rows: for a call by itself, which waits for them. */
  readonly forOne?: Statement<Row, Call>;
  /** Calls that `forAll` takes at most. */
  readonly callsAtMost: number;
  /** Fields that name what a call locks: no two calls of a statement have the same there. */
  readonly apart?: readonly (keyof Call)[];
  /** For the compiler only: what one call asks. */
  readonly call?: Call;
}

/** The fields of a call, each with its type in PostgreSQL. */
type Fields<Call extends object> = Readonly<Record<keyof Call, string>>;

/**
 * Declares a statement for a `Batch`, which asks for `Row` by `Call`.
 * @param text the statement around its query `asked`: a row for each call, with its fields and `n`, which every row of the
 *   answer has to carry
 * @param callsAtMost that it takes: more, where they come in heaps
 */
export function batchStatement<Row extends object, Call extends object>(
  name: string,
  fields: Fields<Call>,
  text: (asked: string) => string,
  callsAtMost = usuallyAtMost,
): BatchStatement<Row, Call> {
  return { forAll: statement(name, ({ calls }) => text(askedByAll(fields, calls, callsAtMost))), callsAtMost };
}

/**
 * Declares a statement for a `Batch` that changes rows and has a row for each call that it did something for.
 *
 * For several calls it passes over rows that somebody else holds: it never waits, so no call waits for what is another's, and no
 * two of them can wait for each other. A call without a row is asked by itself then, by a statement of the same text that does
 * wait: what that finds is the answer.
 * @param apart fields that name what a call locks
 * @param text around `asked`, as above; `orPass` ends each of its locks (`for update of d ${orPass}`)
 */
export function changingBatchStatement<Row extends object, Call extends object>(
  name: string,
  fields: Fields<Call>,
  apart: readonly (keyof Call)[],
  text: (asked: string, orPass: string) => string,
): BatchStatement<Row, Call> {
  return {
    forAll: statement(`${name}-together`, ({ calls }) => text(askedByAll(fields, calls, usuallyAtMost), 'skip locked')),
    forOne: statement<Row, Call>(name, ($) => text(askedByOne(fields, $), '')),
    callsAtMost: usuallyAtMost,
    apart,
  };
}

function askedByAll<Call extends object>(fields: Fields<Call>, calls: string, callsAtMost: number): string {
  const columns = Object.entries({ n: 'int', ...fields }).map(([column, type]) => `${column} ${type}`);
  return sql`asked as (
    select * from jsonb_to_recordset(${calls}::jsonb) as c(${columns.join(', ')}) limit ${callsAtMost})`;
}

/** @param $ the fields as placeholders */
export function askedByOne<Call extends object>(fields: Fields<Call>, $: Placeholders<Call>): string {
  const columns = (Object.keys(fields) as (keyof Call & string)[]).map(
    (field) => `${$[field]}::${fields[field]} as ${field}`,
  );
  return sql`asked as (select 0 as n, ${columns.join(', ')})`;
}

/** How calls share statements, of work that can wait. */
interface Sharing {
  /** How long a call waits for others that may go with it, in ms; 0 where left out. */
  readonly gatherMs?: number;
  /** Statements that are under way at a time; 2 where left out. */
  readonly atOnce?: number;
}

interface WaitingCall<Row, Call> {
  readonly fields: Call;
  resolve(rows: Row[]): void;
  reject(error: unknown): void;
}

/**
 * Calls of one statement that come at the same time, asked in one: what costs most of a small statement is to begin and to
 * commit it (of 470 µs of the decision before login, 65 µs are its own), so those that come while one is under way share
 * the next. One that comes alone goes at once, alone; where nobody is in a hurry, it waits a moment for others (`gatherMs`).
 *
 * Where a statement fails by what one of its calls is about, it has done nothing, and each is asked by itself.
 */
export class Batch<Row extends object, Call extends object> {
  private waiting: WaitingCall<Row, Call>[] = [];
  private underWay = 0;
  private gathering: NodeJS.Timeout | undefined;
  private called = false;
  private readonly labels: { readonly statement: string };

  constructor(
    private readonly database: Database,
    private readonly statement: BatchStatement<Row, Call>,
    private readonly how: Sharing = {},
  ) {
    this.labels = { statement: (statement.forOne ?? statement.forAll).name };
  }

  /** @param fields of the call, as JSON has them; what is undefined or null is null */
  async ask(fields: Call): Promise<Row[]> {
    count('sallyport_shared_calls_total', this.labels);
    // What belongs to a transaction goes by its connection, and nobody else's with it.
    if (this.database.inTransaction) return this.askAlone(fields);
    const traces = tracing();
    if (!traces) return this.askWithOthers(fields);
    // Each call sees its own wait and answer. What is asked for all of them belongs to none.
    return tracedStatement(this.labels.statement, () => traces.apart(() => this.askWithOthers(fields)));
  }

  private askWithOthers(fields: Call): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ fields, resolve, reject });
      this.gather();
    });
  }

  private gather(): void {
    const { gatherMs = 0 } = this.how;
    if (gatherMs === 0 || this.waiting.length >= this.statement.callsAtMost) return this.goOnSoon();
    this.gathering ??= setTimeout(() => this.goOn(), gatherMs);
  }

  /**
   * Once this turn of the event loop has read all that is there: many sockets bring calls in one turn, and the answers of one
   * statement ask for the next. Sent at once, the first would go alone and the others wait for it.
   */
  private goOnSoon(): void {
    if (this.called) return;
    this.called = true;
    setImmediate(() => {
      this.called = false;
      this.goOn();
    });
  }

  private goOn(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    while (this.mayGo()) {
      this.underWay += 1;
      let counted = true;
      const makeRoom = () => {
        if (!counted) return;
        counted = false;
        this.underWay -= 1;
        this.goOn();
      };
      const patience = setTimeout(makeRoom, patienceMs);
      void this.answer(this.take()).finally(() => {
        clearTimeout(patience);
        makeRoom();
      });
    }
  }

  private mayGo(): boolean {
    if (this.underWay === 0) return this.waiting.length > 0;
    return this.underWay < (this.how.atOnce ?? usuallyAtOnce) && this.waiting.length >= this.statement.callsAtMost;
  }

  /** The calls that waited longest, and nothing that two of them would lock. */
  private take(): WaitingCall<Row, Call>[] {
    const { apart = [], callsAtMost } = this.statement;
    const known = apart.map(() => new Set<unknown>());
    const taken: WaitingCall<Row, Call>[] = [];
    const left: WaitingCall<Row, Call>[] = [];
    for (const call of this.waiting) {
      const fits = taken.length < callsAtMost && apart.every((field, at) => !known[at]?.has(call.fields[field]));
      (fits ? taken : left).push(call);
      if (fits) for (const [at, field] of apart.entries()) known[at]?.add(call.fields[field]);
    }
    this.waiting = left;
    return taken;
  }

  private async answer(calls: readonly WaitingCall<Row, Call>[]): Promise<void> {
    if (calls.length === 1) return this.answerAlone(calls);
    try {
      const rows = await this.read(calls.map(({ fields }) => fields));
      const passed = calls.filter((_, n) => this.statement.forOne && rows[n]?.length === 0);
      for (const [n, call] of calls.entries()) if (!passed.includes(call)) call.resolve(rows[n] ?? []);
      // Nobody waits for those that wait for somebody.
      void this.answerAlone(passed);
    } catch (error) {
      if (this.mayBeOfOne(error)) await this.answerAlone(calls);
      else for (const call of calls) call.reject(error);
    }
  }

  /** Whether a statement may have failed by one of its calls alone. */
  private mayBeOfOne(error: unknown): boolean {
    if (isConnectionFault(error) || isDiskFull(error)) return false;
    // One that reads waits for nothing that only one of them would.
    return this.statement.forOne !== undefined || !isWaitFault(error);
  }

  private async answerAlone(calls: readonly WaitingCall<Row, Call>[]): Promise<void> {
    await Promise.all(calls.map(({ fields, resolve, reject }) => this.askAlone(fields).then(resolve, reject)));
  }

  private async askAlone(fields: Call): Promise<Row[]> {
    const { forOne } = this.statement;
    if (forOne) {
      count('sallyport_shared_statements_total', this.labels);
      return this.database.query(forOne, fields as never);
    }
    const [rows = []] = await this.read([fields]);
    return rows;
  }

  /** @returns the rows of each call */
  private async read(calls: readonly Call[]): Promise<Row[][]> {
    count('sallyport_shared_statements_total', this.labels);
    const asked = JSON.stringify(calls.map((fields, n) => ({ n, ...fields })));
    const answers: Row[][] = calls.map(() => []);
    for (const row of await this.database.query(this.statement.forAll, { calls: asked })) answers[row.n]?.push(row);
    return answers;
  }
}
