import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { id, time } from '../http/schemas.js';
import { UserContext } from '../rows/user-row.js';
import { liftedAtOnce, liftLockouts, selectLockouts, type LockoutRow } from './lockouts.sql.js';

export const lockoutAnswer = z
  .object({
    id: id('lck'),
    subject: z.enum(['device', 'recovery_codes']),
    deviceId: id('dev').nullable(),
    wrongCodes: z.int().meta({ description: 'Number of consecutive wrong codes that caused it' }),
    startedAt: time,
    lockedUntil: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'Lockout' });
export type LockoutAnswer = z.infer<typeof lockoutAnswer>;

/** Times as PostgreSQL writes them in JSON, brought to the form of the API. */
export function viewLockout(row: LockoutRow): LockoutAnswer {
  const { startedAt, lockedUntil, endedAt } = row;
  const iso = (time: string) => new Date(time).toISOString();
  return { ...row, startedAt: iso(startedAt), lockedUntil: iso(lockedUntil), endedAt: endedAt && iso(endedAt) };
}

/** Locks of a user: seen, and lifted by an administrator. */
@Injectable()
export class Lockouts {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
  ) {}

  async list(caller: Caller, accountId: string, userId: string): Promise<LockoutAnswer[]> {
    const { userRef } = await this.users.find(caller, accountId, userId);
    const rows = await this.database.query(selectLockouts, { userRef, application: caller.application });
    return rows.map(({ lockout }) => viewLockout(lockout));
  }

  /** Ends every lock and starts the counters anew. A disabled device stays so: it has to be enrolled again. */
  async lift(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    const places = Array.from({ length: liftedAtOnce }, (_, index) => String(index + 1));
    for (let lifted = liftedAtOnce; lifted === liftedAtOnce;) {
      const ended = places.map((when) => event('lockout.ended', { reason: 'lifted' }, { when }));
      const events = eventsParameter(this.users.events(caller, row), ended);
      lifted = (await this.database.one(liftLockouts, { userRef: row.userRef, events }))?.lifted ?? 0;
    }
  }
}
