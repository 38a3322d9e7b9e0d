import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Database } from '#persistence';
import type { AppHealth } from '#process';
import { gaugeOfEach, type Log } from '#runtime';
import { faults, type FaultReason } from './collector-fault.js';
import { readFaults, readLag } from './collectors.sql.js';
import { PushLoop } from './push-loop.js';
import type { CollectorSettings } from './read-collectors.js';

export interface PushingParts {
  readonly database: Database;
  readonly collectors: readonly CollectorSettings[];
  readonly lookEveryMs: number;
  readonly log: Log;
}

/** All collectors, each in a loop of its own: one that is slow or away delays no other. */
@Injectable()
export class Pushing implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly loops: readonly PushLoop[];
  private readonly removeGauges: readonly (() => void)[];

  constructor(private readonly parts: PushingParts) {
    const { collectors, ...shared } = parts;
    this.loops = collectors.map((settings) => new PushLoop({ ...shared, settings }));
    const lag = (part: 'events' | 'seconds') =>
      gaugeOfEach(`sallyport_audit_push_lag_${part}`, () => this.readLags(part));
    this.removeGauges = collectors.length === 0 ? [] : [lag('events'), lag('seconds')];
  }

  /** There is something new to send. */
  wake(): void {
    for (const loop of this.loops) loop.wake();
  }

  /**
   * Told, and no reason to take this process out: a collector is somebody else's, and nothing waits for it. Empty where there
   * is none.
   */
  async health(database: Database): Promise<Pick<AppHealth, 'others' | 'reasons'>> {
    if (this.loops.length === 0) return {};
    const collectors = this.loops.map(({ settings }) => settings.name);
    const found = await database.query(readFaults, { collectors });
    const words = (fault: string) => faults[fault as FaultReason] ?? '';
    const reasons = found.map(({ collector, fault }) => `the collector ${collector} takes no events: ${words(fault)}`);
    return { others: { pushing: reasons.length === 0 }, reasons };
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.onApplicationBootstrap();
  }

  onModuleDestroy(): void {
    for (const remove of this.removeGauges) remove();
    for (const loop of this.loops) loop.onModuleDestroy();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.beforeApplicationShutdown()));
  }

  private async readLags(part: 'events' | 'seconds'): Promise<(readonly [{ readonly collector: string }, number])[]> {
    const { database, collectors } = this.parts;
    const lags: (readonly [{ readonly collector: string }, number])[] = [];
    for (const { name: collector, tenants = null } of collectors) {
      const lag = await database.one(readLag, { collector, tenantIds: tenants });
      lags.push([{ collector }, lag?.[part] ?? 0]);
    }
    return lags;
  }
}
