import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter } from '#persistence';
import { eventsOf, type Caller } from '../http/caller.js';
import { Connections } from '../http/connections.js';
import { tellEvents } from '../http/counted-events.sql.js';
import { Streams } from '../http/streams.js';
import { AuditEvents, filterOf } from './audit-events.js';
import type { AuditEvent, ExportFormat, ExportQuery } from './audit-events.schema.js';
import type { EntryRow } from './entries.sql.js';
import type { EventPage } from './find-events.sql.js';
import { toCef } from './formats/cef.js';
import { csvHeader, toCsv } from './formats/csv.js';
import { toOcsf } from './formats/ocsf.js';
import { LogReader } from './log-reader.js';
import { selectHead } from './log-tails.sql.js';
import { sealedLine } from './sealed-line.js';

/** Events that are read and written at once: between two pages others have their turn. */
const pageSize = 200;

interface Format {
  readonly type: string;
  readonly suffix: string;
  readonly head?: () => string;
  /** Of events; none where the lines are those that were hashed. */
  readonly page?: (events: readonly AuditEvent[], tenantId: string) => string;
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');

const formats: Readonly<Record<ExportFormat, Format>> = {
  ndjson: { type: 'application/x-ndjson', suffix: 'ndjson' },
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

type ReadAfter = (after: EventPage['after']) => Promise<readonly EntryRow[]>;

interface Writing {
  readonly format: Format;
  readonly read: ReadAfter;
  readonly first: EventPage['after'];
  readonly end: number;
}

/** Whether it is the log as it was hashed: without a gap, since of pruned events the hashes are left. */
const isOfHashes = ({ format, cursor: _, ...filters }: ExportQuery) =>
  format === 'ndjson' && Object.values(filters).every((value) => value === undefined);

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
    const read = this.readerOf(caller, query, page);
    const content = Readable.from(this.write(caller, { format, read, first: page.after, end }), { objectMode: false });
    content.once('close', leave);
    return { content, type: format.type, fileName: `sallyport-${caller.tenantId}.${format.suffix}` };
  }

  private async firstPage(caller: Caller, query: ExportQuery): Promise<Omit<EventPage, 'tenantId'>> {
    const { cursor, from, to } = query;
    return {
      order: 'oldest',
      after:
        cursor === undefined
          ? undefined
          : await this.events.place(caller, cursor, {
              pointer: '/query/cursor',
              mayBePruned: isOfHashes(query),
            }),
      limit: pageSize,
      ...filterOf(query),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    };
  }

  /** What comes after an entry. */
  private readerOf(caller: Caller, query: ExportQuery, page: Omit<EventPage, 'tenantId'>): ReadAfter {
    if (isOfHashes(query)) return (after) => this.reader.entries(caller, after?.sequence ?? 0, pageSize);
    return (after) => this.reader.page(caller, { ...page, after });
  }

  private async *write(caller: Caller, { format, read, first, end }: Writing): AsyncGenerator<string> {
    // A client that goes on after an event has the first line already.
    if (format.head && !first) yield format.head();
    let after = first;
    for (;;) {
      // The client sees that the file is not whole, and goes on at another gateway after the last event that it has.
      if (this.connections.draining) throw new Error('The gateway stops in the middle of an export.');
      const rows = await read(after);
      const meant = rows.filter(({ sequence }) => sequence <= end);
      if (meant.length > 0) yield this.textOf(caller, format, meant);
      const last = rows.at(-1);
      if (!last || rows.length < pageSize || last.sequence >= end) return;
      after = { sequence: last.sequence, time: new Date(last.id === null ? 0 : last.time) };
    }
  }

  private textOf(caller: Caller, { page }: Format, rows: readonly EntryRow[]): string {
    if (!page) return lines(rows.map(sealedLine));
    const events = rows.flatMap((row) => (row.id === null ? [] : [this.events.view(caller, row)]));
    return page(events, caller.tenantId);
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
