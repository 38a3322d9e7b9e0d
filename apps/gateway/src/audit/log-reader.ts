import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntryRow, LogRow } from '#audit-events';
import { Database } from '#persistence';
import { Admission } from '../http/admission.js';
import type { Caller } from '../http/caller.js';
import { selectEntries } from './entries.sql.js';
import type { EventPage } from './find-events.sql.js';
import { readPage } from './read-page.js';

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
  page(caller: Caller, page: Omit<EventPage, 'tenantId'>): Promise<LogRow[]> {
    return this.read(caller, () => readPage(this.database, { ...page, tenantId: caller.tenantId }));
  }

  /** Of the whole log, with what is left of pruned events. */
  entries(caller: Caller, place: number, limit: number): Promise<EntryRow[]> {
    return this.read(caller, () => this.database.query(selectEntries, { tenantId: caller.tenantId, place, limit }));
  }

  private async read<Row>(caller: Caller, query: () => Promise<Row[]>): Promise<Row[]> {
    for (;;) {
      const rows = await this.inTurn(caller, query);
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
