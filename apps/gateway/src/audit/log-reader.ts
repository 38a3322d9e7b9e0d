import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Problem } from '#contracts';
import { Database } from '#persistence';
import { Admission } from '../http/admission.js';
import type { Caller } from '../http/caller.js';
import { pageOfEvents, type EventPage, type EventRow } from './find-events.sql.js';

/** Reads pages of a log for answers that last: each in its turn, as a call of its own. */
@Injectable()
export class LogReader {
  constructor(
    private readonly database: Database,
    private readonly admission: Admission,
  ) {}

  /** Waits while there is too much to do: whoever follows a log has time. */
  async page(caller: Caller, page: Omit<EventPage, 'tenantId'>): Promise<EventRow[]> {
    const [statement, values] = pageOfEvents({ ...page, tenantId: caller.tenantId });
    for (;;) {
      try {
        return await this.admission.inTurn(caller, () => this.database.query(statement, values));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await sleep((error.details.retryAfter ?? 1) * 1000);
      }
    }
  }
}
