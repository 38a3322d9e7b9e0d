import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { LogRow } from '#audit-events';
import { Database } from '#persistence';
import { Admission } from '../http/admission.js';
import type { Caller } from '../http/caller.js';
import { pageOfEvents, type EventPage } from './find-events.sql.js';

/** How long somebody who got no turn waits for the next try, in ms. */
const pauseMs = 1000;

/** Reads pages of a log for answers that last: each in its turn, as a call of its own. */
@Injectable()
export class LogReader {
  constructor(
    private readonly database: Database,
    private readonly admission: Admission,
  ) {}

  /** Waits while there is too much to do: whoever follows a log has time. */
  async page(caller: Caller, page: Omit<EventPage, 'tenantId'>): Promise<LogRow[]> {
    const [statement, values] = pageOfEvents({ ...page, tenantId: caller.tenantId });
    for (;;) {
      const rows = await this.inTurn(caller, () => this.database.query(statement, values));
      if (rows) return rows;
      await sleep(pauseMs);
    }
  }

  /** @returns undefined where the caller has its share already */
  private async inTurn<T>(caller: Caller, work: () => Promise<T>): Promise<T | undefined> {
    const place = this.admission.enter('other', caller);
    if (!place) return undefined;
    try {
      const turn = await place.waitForTurn();
      return turn && (await work().finally(turn));
    } finally {
      place.leave();
    }
  }
}
