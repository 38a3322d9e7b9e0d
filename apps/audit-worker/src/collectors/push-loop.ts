import { newId } from '#contracts';
import type { Database } from '#persistence';
import { RepeatedWork } from '#process';
import type { Log } from '#runtime';
import { nextBatch, type Batch } from './batch.js';
import type { Collector } from './collector.js';
import { CollectorFault } from './collector-fault.js';
import {
  isBehind,
  leaveCollector,
  meetCollector,
  movePositions,
  noteFault,
  renewLease,
  takeCollector,
} from './collectors.sql.js';
import { HecCollector } from './hec-collector.js';
import type { CollectorSettings } from './read-collectors.js';
import { SyslogCollector } from './syslog-collector.js';

/** A lease is 30 s. */
const renewEveryMs = 10_000;

/** Pause after the first fault of a row, in ms; it doubles with each further one. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

export interface PushLoopParts {
  readonly database: Database;
  readonly settings: CollectorSettings;
  /** How often it looks for events that nobody told of, in ms. */
  readonly lookEveryMs: number;
  readonly log: Log;
}

/** Another worker has taken over. */
class LeaseLostError extends Error {
  override name = 'LeaseLostError';
}

/**
 * Sends sealed events to one collector, and moves its place in each log when it has acknowledged them. Of several workers
 * one sends at a time; where it dies, another takes over within 30 s and sends its last batch again.
 */
export class PushLoop extends RepeatedWork {
  readonly settings: CollectorSettings;
  private readonly workerId = newId('auditWorker');
  private readonly collector: Collector;
  private readonly ending = new AbortController();
  private isMet = false;

  constructor(private readonly parts: PushLoopParts) {
    super(`pushing to ${parts.settings.name}`, parts.log);
    const { settings } = parts;
    this.settings = settings;
    this.collector = settings.kind === 'hec' ? new HecCollector(settings) : new SyslogCollector(settings);
  }

  override onModuleDestroy(): void {
    this.ending.abort();
    super.onModuleDestroy();
  }

  protected async turn(): Promise<number> {
    const { lookEveryMs, database, settings } = this.parts;
    const { name: collector, tenants = null } = settings;
    if (!this.isMet) await database.query(meetCollector, { collector, fromNow: settings.from === 'now' });
    this.isMet = true;
    const look = await database.one(isBehind, { collector, tenantIds: tenants });
    const held = look?.behind ? await database.one(takeCollector, this.lease) : undefined;
    return held ? this.pushAll(held) : lookEveryMs;
  }

  private get lease(): { collector: string; workerId: string } {
    return { collector: this.settings.name, workerId: this.workerId };
  }

  /** @returns ms until the next look that can bring something */
  private async pushAll(before: { readonly fault: string | null; readonly faults: number }): Promise<number> {
    const { database, lookEveryMs } = this.parts;
    let { fault, faults } = before;
    try {
      for (;;) {
        const batch = this.ending.signal.aborted ? undefined : await nextBatch(database, this.settings);
        if (!batch) break;
        await this.push(batch);
        if (fault !== null) this.log.pino.info({ collector: this.settings.name }, 'a collector takes events again');
        fault = null;
        faults = 0;
      }
    } catch (error) {
      // Before it is left: only who holds it notes a fault.
      if (error instanceof CollectorFault) return await this.note(error, fault, faults);
      if (!this.ending.signal.aborted && !(error instanceof LeaseLostError)) throw error;
    } finally {
      // Whoever is woken next may take it. After a fault, or where another has it, there is nothing to leave.
      await database.query(leaveCollector, this.lease);
    }
    return lookEveryMs;
  }

  private async push({ events, places }: Batch): Promise<void> {
    if (events.length > 0) await this.whileHeld((signal) => this.collector.send(events, signal));
    const moved = await this.parts.database.query(movePositions, {
      ...this.lease,
      tenantIds: [...places.keys()],
      sequences: [...places.values()],
    });
    if (moved.length === 0) throw new LeaseLostError('Another worker has taken over.');
  }

  /** Keeps others away for as long as it takes. */
  private async whileHeld(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const lost = new AbortController();
    const renew = async () => {
      const held = await this.parts.database.one(renewLease, this.lease);
      if (!held) lost.abort(new LeaseLostError('Another worker has taken over.'));
    };
    // One that fails is followed by another before the lease ends.
    const timer = setInterval(() => void renew().catch(() => undefined), renewEveryMs);
    try {
      await work(AbortSignal.any([this.ending.signal, lost.signal]));
    } finally {
      clearInterval(timer);
    }
  }

  private async note(
    { reason, detail, message }: CollectorFault,
    before: string | null,
    faults: number,
  ): Promise<number> {
    const { name: collector } = this.settings;
    // Several that come back at the same time are not asked at the same time.
    const pauseMs = Math.min(firstPauseMs * 2 ** faults, longestPauseMs) * (0.5 + Math.random() / 2);
    await this.parts.database.query(noteFault, { ...this.lease, fault: reason, faults: faults + 1, pauseMs });
    const about = { collector, reason, ...(detail !== undefined && { detail }) };
    if (reason !== before) this.log.pino.warn(about, `a collector takes no events and will be tried again: ${message}`);
    return pauseMs;
  }
}
