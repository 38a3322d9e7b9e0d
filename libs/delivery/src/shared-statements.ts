import { Batch, isConnectionFault, isWaitFault, type BatchStatement, type Database } from '#persistence';
import { claim, type Claim, type Claimed } from './claim.sql.js';
import { settle, type Ending, type Settled } from './settle.sql.js';

/** How long an outcome is tried to be written down. */
const settleMs = 15_000;
const pauseMs = 500;

/** A statement for several calls, each about a row; `passedOver` are those of rows that it did not hold. */
interface TwoForms<Row extends { readonly passedOver: boolean }, Call extends object> {
  readonly together: BatchStatement<Row, Call>;
  /** For one call: it waits for its row. */
  readonly alone: BatchStatement<Row, Call>;
}

/**
 * Calls of one statement that come at the same time, asked in one. A call whose row somebody else holds, and the second one
 * about a row, is asked again by itself: nobody waits but who has to.
 */
class Shared<Row extends { readonly passedOver: boolean }, Call extends object> {
  private readonly batch: Batch<Row, Call>;

  constructor(
    private readonly database: Database,
    private readonly forms: TwoForms<Row, Call>,
  ) {
    this.batch = new Batch(database, forms.together);
  }

  async ask(call: Call): Promise<Row | undefined> {
    const [row] = await this.batch.ask(call);
    return row?.passedOver ? this.askAlone(call) : row;
  }

  async askAlone(call: Call): Promise<Row | undefined> {
    const row = await this.database.one(this.forms.alone.forAll, { calls: JSON.stringify([{ n: 0, ...call }]) });
    return row?.passedOver ? undefined : row;
  }
}

/** What the deliveries of a worker that are under way ask of the database, in as few statements as will do. */
export class SharedStatements {
  private readonly claims: Shared<Claimed & { readonly passedOver: boolean }, Claim>;
  private readonly outcomes: Shared<Settled & { readonly passedOver: boolean }, Ending>;

  constructor(database: Database) {
    this.claims = new Shared(database, claim);
    this.outcomes = new Shared(database, settle);
  }

  /** @returns undefined where it may not be tried now */
  claim(call: Claim): Promise<Claimed | undefined> {
    return this.claims.ask(call);
  }

  /**
   * Writes the outcome, through short absences of the database: what has been sent and is not written down is sent again.
   * Repeating it is harmless: it finds the delivery ended, or writes the same once more. It is repeated alone, since a
   * statement may have waited too long for what another one is about.
   * @returns undefined where it did not count
   */
  async settle(ending: Ending): Promise<Settled | undefined> {
    const deadline = Date.now() + settleMs;
    for (let together = true; ; together = false) {
      try {
        return await (together ? this.outcomes.ask(ending) : this.outcomes.askAlone(ending));
      } catch (error) {
        if (!(isConnectionFault(error) || isWaitFault(error)) || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}
