import { Injectable } from '@nestjs/common';
import type { Policy } from '#contracts';
import { Database, statement } from '#persistence';
import { refuseLocked } from './refuse-code.js';

const readLock = statement(
  'address-guesses.read',
  `select locked_until as "lockedUntil", now() as now from address_guess where key = $1 and locked_until > now()`,
);

/** Wrong codes for an address that is yet to be proved, counted over all enrolments of it. */
@Injectable()
export class AddressGuesses {
  constructor(private readonly database: Database) {}

  /** @throws {Problem} `locked` */
  async assertOpen(key: Buffer, policy: Policy): Promise<void> {
    const row = await this.database.one<{ lockedUntil: Date; now: Date }>(readLock, [key]);
    if (row) throw refuseLocked(policy, row.lockedUntil, row.now);
  }
}
