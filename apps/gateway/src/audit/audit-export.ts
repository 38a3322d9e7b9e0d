import { Readable } from 'node:stream';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { formats, sealedLine, type EntryRow, type LogRow } from '#audit-events';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { eventsOf, type Caller } from '../http/caller.js';
import { Connections } from '../http/connections.js';
import { tellEvents } from '../http/counted-events.sql.js';
import { Streams } from '../http/streams.js';
import { AuditEvents, filterOf } from './audit-events.js';
import type { ExportQuery } from './audit-events.schema.js';
import type { EventPage } from './find-events.sql.js';
import { LogReader } from './log-reader.js';
import { selectHead } from './log-tails.sql.js';

/** Events that are read at once for a client that takes them as fast as they come (two such pages are in memory), and for one that does not. */
const pageSizes = { fast: 500, slow: 200 } as const;
/** Events that are made text at once: between two pieces others have their turn. */
const pieceSize = 50;
/** A client that has not taken a piece after that long, in ms, is a slow one: for it, less waits in memory. */
const patienceMs = 100;

type Page = Omit<EventPage, 'tenantId' | 'limit'>;

/** What an export reads, and what it makes of that. */
interface Source {
  readonly head?: (() => string) | undefined;
  readonly read: (after: EventPage['after'], limit: number) => Promise<readonly EntryRow[]>;
  readonly textOf: (rows: readonly EntryRow[]) => string;
}

const hasEvent = (row: EntryRow): row is LogRow => row.id !== null;

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
    private readonly sealer: Sealer,
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
    const source = this.sourceOf(caller, query, page);
    const content = Readable.from(this.write(source, page.after, end), { objectMode: false });
    content.once('close', leave);
    return { content, type: format.type, fileName: `sallyport-${caller.tenantId}.${format.suffix}` };
  }

  private async firstPage(caller: Caller, query: ExportQuery): Promise<Page> {
    const { cursor, from, to } = query;
    return {
      order: 'oldest',
      after:
        cursor === undefined
          ? undefined
          : await this.events.place(caller, cursor, { pointer: '/query/cursor', mayBePruned: isOfHashes(query) }),
      ...filterOf(query),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    };
  }

  private sourceOf(caller: Caller, query: ExportQuery, page: Page): Source {
    if (isOfHashes(query)) {
      return {
        read: (after, limit) => this.reader.entries(caller, after?.sequence ?? 0, limit),
        textOf: (rows) => rows.map((row) => `${sealedLine(row)}\n`).join(''),
      };
    }
    const format = formats[query.format];
    const sealer = caller.scopes.includes('audit:personal') ? this.sealer : undefined;
    return {
      head: format.head,
      read: (after, limit) => this.reader.page(caller, { ...page, after, limit }),
      textOf: (rows) => format.page(rows.filter(hasEvent), sealer),
    };
  }

  private async *write(source: Source, first: EventPage['after'], end: number): AsyncGenerator<string> {
    // A client that goes on after an event has the first line already.
    if (source.head && !first) yield source.head();
    let page = startReading(source, first, pageSizes.slow);
    let keepsUp = false;
    for (;;) {
      // The client sees that the file is not whole, and goes on at another gateway after the last event that it has.
      if (this.connections.draining) throw new Error('The gateway stops in the middle of an export.');
      const rows = await page.rows;
      const last = rows.at(-1);
      const after = last && { sequence: last.sequence, time: new Date(last.id === null ? 0 : last.time) };
      const isLast = !after || rows.length < page.limit || after.sequence >= end;
      // Of a client that has taken the page before at once: it gets this one while the next is read.
      const ahead = keepsUp && !isLast ? startReading(source, after, pageSizes.fast) : undefined;
      keepsUp = yield* pieces(source, rows, end);
      if (isLast) return;
      page = ahead ?? startReading(source, after, keepsUp ? pageSizes.fast : pageSizes.slow);
    }
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

/** A page that is being read; whether that failed is heard by whoever waits for it. */
function startReading(source: Source, after: EventPage['after'], limit: number) {
  const rows = source.read(after, limit);
  rows.catch(() => undefined);
  return { rows, limit };
}

/** @returns whether the client takes them as fast as they come */
async function* pieces(source: Source, rows: readonly EntryRow[], end: number): AsyncGenerator<string, boolean> {
  const meant = rows.filter(({ sequence }) => sequence <= end);
  let keepsUp = true;
  for (let at = 0; at < meant.length; at += pieceSize) {
    const offeredAt = performance.now();
    yield source.textOf(meant.slice(at, at + pieceSize));
    keepsUp &&= performance.now() - offeredAt < patienceMs;
    await othersTurn();
  }
  return keepsUp;
}
