import { Batch, writeDownPatiently, type Database } from '#persistence';
import { claim, type Claim, type Claimed } from './claim.sql.js';
import { settle, type Ending, type Settled } from './settle.sql.js';

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
   * Writes the outcome patiently. Repeating it is harmless: it finds the delivery ended, or writes the same once more.
   * @returns undefined where it did not count
   */
  async settle(ending: Ending): Promise<Settled | undefined> {
    return (await writeDownPatiently(() => this.outcomes.ask(ending)))[0];
  }
}
