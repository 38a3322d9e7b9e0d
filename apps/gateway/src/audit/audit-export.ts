import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter } from '#persistence';
import { eventsOf, type Caller } from '../http/caller.js';
import { Connections } from '../http/connections.js';
import { tellEvents } from '../http/counted-events.sql.js';
import { Streams } from '../http/streams.js';
import { AuditEvents, filterOf } from './audit-events.js';
import type { AuditEvent, ExportFormat, ExportQuery } from './audit-events.schema.js';
import type { EventPage, EventRow } from './find-events.sql.js';
import { toCef } from './formats/cef.js';
import { csvHeader, toCsv } from './formats/csv.js';
import { toOcsf } from './formats/ocsf.js';
import { LogReader } from './log-reader.js';
import { selectHead } from './log-tails.sql.js';

/** Events that are read and written at once: between two pages others have their turn. */
const pageSize = 200;

interface Format {
  readonly type: string;
  readonly suffix: string;
  readonly head?: () => string;
  readonly page: (events: readonly AuditEvent[], tenantId: string) => string;
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');

const formats: Readonly<Record<ExportFormat, Format>> = {
  ndjson: {
    type: 'application/x-ndjson',
    suffix: 'ndjson',
    page: (events) => lines(events.map(({ sealed }) => sealed)),
  },
  cloudevents: {
    type: 'application/x-ndjson',
    suffix: 'cloudevents.ndjson',
    page: (events) => lines(events.map((event) => JSON.stringify(event))),
  },
  csv: { type: 'text/csv; charset=utf-8', suffix: 'csv', head: csvHeader, page: toCsv },
  cef: { type: 'text/plain; charset=utf-8', suffix: 'cef', page: (events) => lines(events.map(toCef)) },
  ocsf: {
    type: 'application/x-ndjson',
    suffix: 'ocsf.ndjson',
    page: (events, tenantId) => lines(events.map((event) => JSON.stringify(toOcsf(tenantId, event)))),
  },
};

/** What is sent, under which name. */
export interface Export {
  readonly content: Readable;
  readonly type: string;
  readonly fileName: string;
}

/** The log as a file of any length, up to what it has when the export begins. */
@Injectable()
export class AuditExport {
  constructor(
    private readonly database: Database,
    private readonly events: AuditEvents,
    private readonly reader: LogReader,
    private readonly streams: Streams,
    private readonly connections: Connections,
  ) {}

  /** @throws {Problem} `invalid_request`, or `unavailable` where there are too many */
  async open(caller: Caller, query: ExportQuery): Promise<Export> {
    const page = await this.firstPage(caller, query);
    const head = await this.database.one(selectHead, { tenantId: caller.tenantId });
    const end = head?.sequence ?? 0;
    const format = formats[query.format];
    const leave = this.streams.take(caller.tenantId);
    // Told before anything is shown.
    await this.tell(caller, query, end).catch((error: unknown) => {
      leave();
      throw error;
    });
    const content = Readable.from(this.write(caller, format, page, end), { objectMode: false });
    content.once('close', leave);
    return { content, type: format.type, fileName: `sallyport-${caller.tenantId}.${format.suffix}` };
  }

  private async firstPage(caller: Caller, query: ExportQuery): Promise<Omit<EventPage, 'tenantId'>> {
    const { cursor, from, to } = query;
    return {
      order: 'oldest',
      after: cursor === undefined ? undefined : await this.events.place(caller, cursor, '/query/cursor'),
      limit: pageSize,
      ...filterOf(query),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    };
  }

  private async *write(
    caller: Caller,
    format: Format,
    first: Omit<EventPage, 'tenantId'>,
    end: number,
  ): AsyncGenerator<string> {
    // A client that goes on after an event has the first line already.
    if (format.head && !first.after) yield format.head();
    let after = first.after;
    for (;;) {
      // The client sees that the file is not whole, and goes on at another gateway after the last event that it has.
      if (this.connections.draining) throw new Error('The gateway stops in the middle of an export.');
      const rows = await this.reader.page(caller, { ...first, after });
      const meant = rows.filter(({ sequence }) => sequence <= end);
      if (meant.length > 0) yield this.textOf(caller, format, meant);
      const last = rows.at(-1);
      if (!last || rows.length < pageSize || last.sequence >= end) return;
      after = { sequence: last.sequence, time: new Date(last.time) };
    }
  }

  private textOf(caller: Caller, format: Format, rows: readonly EventRow[]): string {
    const events = rows.map((row) => this.events.view(caller, row));
    return format.page(events, caller.tenantId);
  }

  private async tell(caller: Caller, { format, ...filters }: ExportQuery, lastSequence: number): Promise<void> {
    const facts = {
      format,
      lastSequence,
      whole: Object.values(filters).every((value) => value === undefined),
      personal: format !== 'ndjson' && caller.scopes.includes('audit:personal'),
    };
    const events = eventsParameter(eventsOf(caller), [event('audit.exported', facts)]);
    await this.database.query(tellEvents, { events });
  }
}
