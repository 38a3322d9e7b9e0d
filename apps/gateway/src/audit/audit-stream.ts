import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { LogRow } from '#audit-events';
import { Database } from '#persistence';
import type { Caller } from '../http/caller.js';
import { Connections } from '../http/connections.js';
import { Streams } from '../http/streams.js';
import { AuditEvents, filterOf } from './audit-events.js';
import { AuditReads } from './audit-reads.js';
import type { StreamQuery } from './audit-events.schema.js';
import type { EventFilter } from './find-events.sql.js';
import { LogReader } from './log-reader.js';
import { LogTails, type LogTail } from './log-tails.js';
import { selectHead } from './log-tails.sql.js';

/** How soon a client that lost its stream comes again, in ms. */
const retryMs = 2000;
/** Events that somebody who is behind reads at once. */
const pageSize = 500;

interface Position {
  readonly sequence: number;
  /** Of the event there; null at the beginning of a log. */
  readonly id: string | null;
  readonly time: Date;
}

/** Who follows what, and whether that may still be. */
export interface Following {
  readonly caller: Caller;
  readonly query: StreamQuery;
  readonly lastEventId: string | undefined;
  readonly isAllowed: () => Promise<boolean>;
}

/**
 * The sealed log as it grows (Server-Sent Events). Each event has its id, by which a client that comes again goes on, at
 * any gateway: the log is in one order, and nothing comes into it before what it has.
 *
 * A client that does not read is not written to: what it has not read stays in the log, and its connection ends as that of
 * any client that does not read its answer. It can come again.
 */
@Injectable()
export class AuditStream {
  /** As text for those who may and may not see what is personal: made once for all who follow a log. */
  private readonly frames = new WeakMap<LogRow, Map<boolean, string>>();

  constructor(
    private readonly database: Database,
    private readonly events: AuditEvents,
    private readonly tails: LogTails,
    private readonly reader: LogReader,
    private readonly reads: AuditReads,
    private readonly streams: Streams,
    private readonly connections: Connections,
  ) {}

  /** @throws {Problem} `invalid_request`, or `unavailable` where there are too many streams */
  async open(following: Following): Promise<Readable> {
    const { caller, query, lastEventId } = following;
    const filter = filterOf(query);
    const leaveStreams = this.streams.take(caller.tenantId);
    try {
      const start = await this.start(caller, lastEventId, query.cursor);
      const { tail, leave } = await this.tails.follow(caller.tenantId);
      const stream = Readable.from(this.write(following, filter, tail, start), { objectMode: false });
      return stream.once('close', leave).once('close', leaveStreams);
    } catch (error) {
      leaveStreams();
      throw error;
    }
  }

  /** Where nothing is named, what comes from now on. */
  private async start(caller: Caller, lastEventId: string | undefined, cursor: string | undefined): Promise<Position> {
    const id = lastEventId ?? cursor;
    if (id !== undefined) {
      const pointer = lastEventId === undefined ? '/query/cursor' : '/headers/last-event-id';
      return { ...(await this.events.place(caller, id, { pointer })), id };
    }
    const head = await this.database.one(selectHead, { tenantId: caller.tenantId });
    return head ?? { sequence: 0, id: null, time: new Date(0) };
  }

  private async *write(
    following: Following,
    filter: EventFilter,
    tail: LogTail,
    start: Position,
  ): AsyncGenerator<string> {
    const { caller, isAllowed } = following;
    // Before a silent connection is cut, here or by a proxy.
    const heartbeatMs = this.connections.bounds.silenceMs / 3;
    let position = start;
    let sentAt = performance.now();
    let allowedAt = sentAt;
    // The place is known from now on: a client that comes again before the first event misses none.
    yield `retry: ${retryMs}\n${idLine(position)}\n`;
    while (!this.connections.draining) {
      const found = await this.read(caller, filter, tail, position);
      position = found.position;
      const now = performance.now();
      if (now - allowedAt >= heartbeatMs) {
        if (!(await isAllowed())) return;
        allowedAt = now;
      }
      if (found.rows.length > 0) yield await this.textOf(caller, found.rows);
      else if (now - sentAt >= heartbeatMs) yield `:\n${idLine(position)}\n`;
      else {
        await tail.wait(position.sequence, heartbeatMs - (now - sentAt));
        continue;
      }
      sentAt = performance.now();
    }
  }

  /** The next events for somebody, and the place up to which there are no others. */
  private async read(
    caller: Caller,
    filter: EventFilter,
    tail: LogTail,
    position: Position,
  ): Promise<{ rows: readonly LogRow[]; position: Position }> {
    const recent = tail.after(position.sequence);
    if (recent) {
      const last = recent.at(-1);
      return { rows: recent.filter((row) => isMeant(filter, row)), position: last ? placeOf(last) : position };
    }
    const upTo = tail.size;
    const rows = await this.reader.page(caller, {
      order: 'oldest',
      after: position,
      limit: pageSize,
      ...filter,
    });
    const last = rows.at(-1);
    const reached = last ? placeOf(last) : position;
    if (rows.length === pageSize) return { rows, position: reached };
    return { rows, position: { ...reached, sequence: Math.max(reached.sequence, upTo) } };
  }

  private async textOf(caller: Caller, rows: readonly LogRow[]): Promise<string> {
    await this.reads.note(caller, {
      sequences: rows.map(({ sequence }) => sequence),
      personal: caller.scopes.includes('audit:personal'),
    });
    return rows.map((row) => this.frame(caller, row)).join('');
  }

  private frame(caller: Caller, row: LogRow): string {
    const seesPersonal = caller.scopes.includes('audit:personal');
    const frames = this.frames.get(row) ?? new Map<boolean, string>();
    this.frames.set(row, frames);
    const known = frames.get(seesPersonal);
    if (known !== undefined) return known;
    const made = `id: ${row.id}\ndata: ${JSON.stringify(this.events.view(caller, row))}\n\n`;
    frames.set(seesPersonal, made);
    return made;
  }
}

const idLine = ({ id }: Position) => (id === null ? '' : `id: ${id}\n`);

const placeOf = ({ id, sequence, time }: LogRow): Position => ({ id, sequence, time: new Date(time) });

function isMeant({ account, user, types, device, challenge, request }: EventFilter, row: LogRow): boolean {
  const isAsked = (wanted: string | undefined, value: unknown) => wanted === undefined || value === wanted;
  return (
    isAsked(account, row.accountId) &&
    isAsked(user, row.userId) &&
    (types?.includes(row.type) ?? true) &&
    isAsked(device, row.data['deviceId']) &&
    isAsked(challenge, row.data['challengeId']) &&
    isAsked(request, row.requestId)
  );
}
