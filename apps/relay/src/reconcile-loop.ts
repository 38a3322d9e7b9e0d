import { Injectable } from '@nestjs/common';
import { JobPublisher, JobStore } from '#messaging';
import { Database } from '#persistence';
import { count, Log } from '#runtime';
import { RepeatedWork } from '#process';
import { noteQueueStore } from './note-queue-store.js';
import { PublishLoop } from './publish-loop.js';
import { reconcile } from './reconcile.js';

const reconcileEveryMs = 5000;

/** Puts right what time or a lost queue has left behind. */
@Injectable()
export class ReconcileLoop extends RepeatedWork {
  constructor(
    private readonly database: Database,
    private readonly store: JobStore,
    private readonly publisher: JobPublisher,
    private readonly publishing: PublishLoop,
    log: Log,
  ) {
    super('reconciling', log);
  }

  protected async turn(): Promise<number> {
    await this.noteStore();
    const { setAside, more, ...found } = await reconcile(this.database, this.publisher);
    for (const job of setAside) this.log.pino.error(job, 'a job failed on every attempt and was set aside');
    count('sallyport_jobs_lost_total', {}, found.lost);
    if (found.lost > 0) {
      this.log.pino.warn(found, 'jobs were published but not done; publishing them again');
    }
    if (found.lost + found.webhooks > 0) this.publishing.wake();
    return more ? 0 : reconcileEveryMs;
  }

  /** Each time: the store may have been emptied, and have another name since. */
  private async noteStore(): Promise<void> {
    try {
      await noteQueueStore(this.database, await this.store.probe());
    } catch {
      // Publishing tells of a queue that is away, and most of what follows needs none.
    }
  }
}
