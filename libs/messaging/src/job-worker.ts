import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type Processor, type WorkerOptions } from 'bullmq';
import { backendOf } from './job-queue.js';
import { atMost } from './patience.js';

/** How often a job may be found without its worker. At 1, the default, 38 of 3,000 jobs failed for good in 20 kills; at 20 none. */
const maxStalledCount = 20;

/** With a lock of 30 s, a job of a killed worker is taken up again within 50 s; the reconciler usually comes first. */
const stalledInterval = 10_000;

/**
 * Takes jobs from a queue; while the store is away it keeps trying. In place of BullMQ's worker, which it holds: one whose
 * first connection failed remembers that for ever, and is replaced.
 *
 * Emits `error` and `stalled`.
 */
export class JobWorker extends EventEmitter {
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly running: Promise<void>;
  private worker: Worker;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly process: Processor,
    private readonly options: WorkerOptions,
  ) {
    super();
    // BullMQ says it again and again, and whoever does not listen is not to be ended by it.
    this.on('error', () => undefined);
    this.worker = this.open();
    this.running = this.run();
  }

  /**
   * Takes no more jobs, but for one that is on its way; finishes those that run; closes the connections. Waits no longer
   * than 5 s for a store that is away. Asked twice, it closes once.
   */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const closed = this.worker.close().then(() => this.running);
    // With the queue away, what BullMQ has to tell it waits for ever. Untold, a job runs once more: the database decides.
    await Promise.race([closed, this.jobsDone().then(() => atMost(closed))]);
  }

  private async jobsDone(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private open(): Worker {
    const counted: Processor = (...args) => {
      const run = this.process(...args);
      this.underWay.add(run);
      return run.finally(() => this.underWay.delete(run));
    };
    const options = { ...this.options, autorun: false, maxStalledCount, stalledInterval, runRetryDelay: 1000 };
    const worker = new Worker(this.name, counted, options, backendOf(options));
    worker.on('error', (error) => this.emit('error', error));
    worker.on('stalled', (jobId) => this.emit('stalled', jobId));
    return worker;
  }

  private async run(): Promise<void> {
    while (!this.closing) {
      try {
        await this.worker.waitUntilReady();
        return await this.worker.run();
      } catch (error) {
        this.emit('error', error);
        await this.worker.close().catch((fault: unknown) => this.emit('error', fault));
        await sleep(1000);
        if (!this.closing) this.worker = this.open();
      }
    }
  }
}
