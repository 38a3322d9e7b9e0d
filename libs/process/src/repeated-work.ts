import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { startLoop, type Log, type Loop } from '#runtime';

/** Pause after the first fault of a row, in ms; it doubles with each further one. */
const firstPauseMs = 250;
const longestPauseMs = 2000;

/**
 * Work that takes turns for as long as its process runs. It begins once everything is in place. All of a process stop at
 * the same time, and are waited for before anything is closed that a turn uses.
 */
export abstract class RepeatedWork implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private loop: Loop | undefined;
  private stopped: Promise<void> | undefined;
  private faults = 0;

  /** @param work as in "publishing failed" */
  constructor(
    private readonly work: string,
    protected readonly log: Log,
  ) {}

  /** @returns ms of pause until the next turn. What it throws is logged once in a row, and tried again. */
  protected abstract turn(): Promise<number>;

  /** Takes the next turn at once. While turns fail, it would only add to the trouble. */
  wake(): void {
    if (this.faults === 0) this.loop?.wake();
  }

  onApplicationBootstrap(): void {
    this.loop = startLoop(() => this.attempt());
  }

  onModuleDestroy(): void {
    void this.stop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Ends after the present turn. */
  protected stop(): Promise<void> {
    this.stopped ??= this.loop?.stop() ?? Promise.resolve();
    return this.stopped;
  }

  private async attempt(): Promise<number> {
    const { work, log, faults } = this;
    try {
      const pauseMs = await this.turn();
      if (faults > 0) log.pino.info({ faults }, `${work} works again`);
      this.faults = 0;
      return pauseMs;
    } catch (error) {
      if (faults === 0) log.pino.error({ err: error }, `${work} failed and will be retried`);
      this.faults += 1;
      return Math.min(firstPauseMs * 2 ** faults, longestPauseMs);
    }
  }
}
