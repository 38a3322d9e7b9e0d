import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { AppHealth } from '#process';
import { WitnessLoop, type WitnessLoopParts } from './witness-loop.js';
import { WitnessRefusal } from './witness-fault.js';

/** All witnesses, each in a loop of its own: one that is slow or away delays no other. */
@Injectable()
export class Cosigning implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly loops: readonly WitnessLoop[];

  constructor(parts: Omit<WitnessLoopParts, 'witness'>) {
    this.loops = parts.witnesses.all.map((witness) => new WitnessLoop({ ...parts, witness }));
  }

  /** There is something new to cosign. */
  wake(): void {
    for (const loop of this.loops) loop.wake();
  }

  /** Logs that a witness does not cosign since it has cosigned another tree, each counted once for each witness. */
  get refused(): number {
    return this.count((trouble) => trouble instanceof WitnessRefusal);
  }

  /** Cosignatures that are due and have not come for any other reason. */
  get missing(): number {
    return this.count((trouble) => !(trouble instanceof WitnessRefusal));
  }

  /**
   * Told, and no reason to take this process out: a witness is somebody else's, and nothing waits for it. Empty where there
   * is none.
   */
  health(): Pick<AppHealth, 'others' | 'reasons'> {
    if (this.loops.length === 0) return {};
    const reasons = this.loops.flatMap(({ name, troubles }) =>
      troubles.counted().map(({ words, count }) => `the witness ${name} does not cosign ${count} log(s): ${words}`),
    );
    return { others: { witnessing: reasons.length === 0 }, reasons };
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.onApplicationBootstrap();
  }

  onModuleDestroy(): void {
    for (const loop of this.loops) loop.onModuleDestroy();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.beforeApplicationShutdown()));
  }

  private count(isCounted: (trouble: Error) => boolean): number {
    return this.loops.reduce((sum, { troubles }) => sum + troubles.count(isCounted), 0);
  }
}
