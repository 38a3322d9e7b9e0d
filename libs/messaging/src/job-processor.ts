import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { DelayedError, type Job, type Worker } from 'bullmq';
import type { QueueName } from '#contracts';
import { count, type Log } from '#runtime';
import { calmErrors } from './calm-errors.js';
import type { Handlers } from './jobs.js';
import { runJob } from './run-job.js';

/**
 * Does the jobs of one queue. One job of the catalogue left out does not compile.
 *
 * All processors of a process stop to take jobs at the same time, and are waited for before anything is closed that a
 * handler uses.
 */
export abstract class JobProcessor<Q extends QueueName>
  extends WorkerHost
  implements OnModuleDestroy, BeforeApplicationShutdown
{
  protected abstract readonly queue: Q;
  protected abstract readonly handlers: Handlers<Q>;
  private complain: ((error: Error) => void) | undefined;

  constructor(private readonly log: Log) {
    super();
  }

  override async process(job: Job, token?: string): Promise<void> {
    const again = await runJob(this.queue, job, this.handlers, this.log.pino);
    if (!again) return;
    await job.moveToDelayed(again.retryAt.getTime(), token);
    throw new DelayedError();
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.complain ??= calmErrors(this.log.pino, { queue: this.queue });
    this.complain(error);
  }

  @OnWorkerEvent('stalled')
  onStalled(jobId: string): void {
    count('sallyport_jobs_stalled_total', { queue: this.queue });
    this.log.pino.warn({ queue: this.queue, jobId }, 'job lost its worker and will run again');
  }

  onModuleDestroy(): void {
    void this.stop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** There is nothing to stop where the application is closed before it began. */
  private async stop(): Promise<void> {
    await (this['_worker'] as Worker | undefined)?.close();
  }
}
