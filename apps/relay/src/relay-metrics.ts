import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { JobPublisher } from '#messaging';
import { Database, unpublishedAge } from '#persistence';
import { askedOnce, gauge, gaugeOfEach } from '#runtime';
import { setAsideJobs } from './reconcile.js';

/** Figures for `/metrics`, of the queues and of what is to get there. They are the same in every relay. */
@Injectable()
export class RelayMetrics implements OnModuleDestroy {
  private readonly removeGauges: readonly (() => void)[];

  constructor(database: Database, publisher: JobPublisher) {
    const queues = askedOnce(() => publisher.figures());
    const states = ['waiting', 'delayed', 'active'] as const;
    this.removeGauges = [
      gauge('sallyport_jobs_dead', () => setAsideJobs(database)),
      gauge('sallyport_outbox_oldest_seconds', () => unpublishedAge(database)),
      gaugeOfEach('sallyport_queue_jobs', async () =>
        (await queues()).flatMap(({ queue, ...jobs }) =>
          states.map((state) => [{ queue, state }, jobs[state]] as const),
        ),
      ),
      gaugeOfEach('sallyport_queue_oldest_job_seconds', async () => {
        const now = Date.now();
        return (await queues()).map(({ queue, oldestAt }) => [{ queue }, secondsSince(oldestAt, now)] as const);
      }),
    ];
  }

  onModuleDestroy(): void {
    for (const remove of this.removeGauges) remove();
  }
}

/** Jobs have the time of the relay that published them, whose clock may be ahead of this one's. */
function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, (now - at) / 1000);
}
