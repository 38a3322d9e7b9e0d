import { Injectable } from '@nestjs/common';
import type { Policy } from '#contracts';
import { Database } from '#persistence';
import { assertUnlocked } from '../refusals/refusals.js';
import { readLock } from './address-guesses.sql.js';

/** Wrong codes for an address that is yet to be proved, counted over all enrolments of it. */
@Injectable()
export class AddressGuesses {
  constructor(private readonly database: Database) {}

  /** @throws {Problem} `locked` */
  async assertOpen(key: Buffer, policy: Policy): Promise<void> {
    const row = await this.database.one(readLock, { key });
    if (row) assertUnlocked(policy, row);
  }
}
