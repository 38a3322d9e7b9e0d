import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LogRow } from '#audit-events';
import { Database } from '#persistence';
import { Log, startLoop, type Loop } from '#runtime';
import { Connections } from '../http/connections.js';
import { pageOfEvents } from './find-events.sql.js';
import { selectLogSizes } from './log-tails.sql.js';

/** How often it is looked whether logs have grown, in ms. Sealing gathers for about as long. */
const lookMs = 200;

/** Events of a log that are kept for those who follow it, at most, and for how many ms. */
const mostKept = 1000;
const keptMs = 10_000;

interface Kept {
  readonly row: LogRow;
  readonly readAt: number;
}

/** The end of one tenant's log, as far as this process has seen it. */
export interface LogTail {
  /** Entries that the log has. */
  readonly size: number;
  /** The events behind a sequence up to `size`; undefined where they are not all here any more. */
  after(sequence: number): readonly LogRow[] | undefined;
  /** Waits until the log is longer than `sequence`, the process is to end, or the time is over. */
  wait(sequence: number, ms: number): Promise<void>;
}

class Tail implements LogTail {
  kept: readonly Kept[] = [];
  followers = 0;
  size = 0;
  private readonly waiting = new Set<() => void>();

  after(sequence: number): readonly LogRow[] | undefined {
    if (sequence >= this.size) return [];
    const first = this.kept[0]?.row.sequence ?? Infinity;
    if (first > sequence + 1) return undefined;
    return this.kept.flatMap(({ row }) => (row.sequence > sequence ? [row] : []));
  }

  wait(sequence: number, ms: number): Promise<void> {
    if (sequence < this.size) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
    });
  }

  wake(): void {
    for (const done of this.waiting) done();
  }

  /** @param rows what the log has got since, or nothing where that is too much to keep */
  grow(size: number, rows: readonly LogRow[]): void {
    const readAt = performance.now();
    const before = rows.length === 0 ? [] : this.kept;
    this.kept = [...before, ...rows.map((row) => ({ row, readAt }))].slice(-mostKept);
    this.size = size;
    this.wake();
  }

  /** What is personal in them is readable only as long as its user's key is there: they are not kept for long. */
  forgetOld(): void {
    const oldest = performance.now() - keptMs;
    if (this.kept[0] && this.kept[0].readAt < oldest) this.kept = this.kept.filter(({ readAt }) => readAt >= oldest);
  }
}

/**
 * The ends of the logs that somebody follows. However many follow one, it is read once: those who keep up get the same rows,
 * those who are behind read the log by themselves until they have caught up.
 */
@Injectable()
export class LogTails implements OnModuleDestroy {
  private readonly tails = new Map<string, Tail>();
  private loop: Loop | undefined;
  private failing = false;

  constructor(
    private readonly database: Database,
    private readonly connections: Connections,
    private readonly log: Log,
  ) {}

  /** @returns the tail, and what ends the following, once */
  async follow(tenantId: string): Promise<{ readonly tail: LogTail; readonly leave: () => void }> {
    const tail = this.tails.get(tenantId) ?? new Tail();
    this.tails.set(tenantId, tail);
    tail.followers += 1;
    const leave = () => {
      tail.followers -= 1;
      if (tail.followers === 0) this.tails.delete(tenantId);
    };
    try {
      // The first one: what was there before is not kept.
      if (tail.size === 0) tail.size = await this.sizeOf(tenantId);
    } catch (error) {
      leave();
      throw error;
    }
    this.loop ??= startLoop(() => this.turn());
    return { tail, leave };
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  private async sizeOf(tenantId: string): Promise<number> {
    const [log] = await this.database.query(selectLogSizes, { tenantIds: [tenantId] });
    return log?.size ?? 0;
  }

  private async turn(): Promise<number> {
    try {
      if (this.tails.size > 0) await this.look();
      if (this.failing) this.log.pino.info('following the audit log works again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log.pino.error({ err: error }, 'following the audit log failed and will be retried');
      this.failing = true;
    }
    // Those who wait see that the process is to end.
    if (this.connections.draining) for (const tail of this.tails.values()) tail.wake();
    return lookMs;
  }

  private async look(): Promise<void> {
    const sizes = await this.database.query(selectLogSizes, { tenantIds: [...this.tails.keys()] });
    for (const { tenantId, size } of sizes) {
      const tail = this.tails.get(tenantId);
      if (!tail) continue;
      tail.forgetOld();
      if (size > tail.size) await this.read(tenantId, tail, size);
    }
  }

  private async read(tenantId: string, tail: Tail, size: number): Promise<void> {
    const limit = size - tail.size;
    if (limit > mostKept) {
      tail.grow(size, []);
      return;
    }
    const after = { sequence: tail.size, time: new Date(0) };
    const [statement, values] = pageOfEvents({ tenantId, order: 'oldest', after, limit });
    const rows = await this.database.query(statement, values);
    tail.grow(rows.at(-1)?.sequence ?? size, rows);
  }
}
