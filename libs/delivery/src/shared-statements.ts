import { Batch, isConnectionFault, isWaitFault, type Database } from '#persistence';
import { claim, type Claim, type Claimed } from './claim.sql.js';
import { settle, type Ending, type Settled } from './settle.sql.js';

/** How long an outcome is tried to be written down. */
const settleMs = 15_000;
const pauseMs = 500;

/** What the deliveries that a worker has under way ask of the database, in as few statements as will do. */
export class SharedStatements {
  private readonly claims: Batch<Claimed, Claim>;
  private readonly outcomes: Batch<Settled, Ending>;

  constructor(database: Database) {
    this.claims = new Batch(database, claim);
    this.outcomes = new Batch(database, settle);
  }

  /** @returns undefined where it may not be tried now */
  async claim(call: Claim): Promise<Claimed | undefined> {
    return (await this.claims.ask(call))[0];
  }

  /**
   * Writes the outcome, through short absences of the database, and while somebody holds what it needs: what has been sent and
   * is not written down is sent again. Repeating it is harmless: it finds the delivery ended, or writes the same once more.
   * @returns undefined where it did not count
   */
  async settle(ending: Ending): Promise<Settled | undefined> {
    const deadline = Date.now() + settleMs;
    for (;;) {
      try {
        return (await this.outcomes.ask(ending))[0];
      } catch (error) {
        if (!(isConnectionFault(error) || isWaitFault(error)) || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}
