import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '#persistence';
import { askedOnce, count, gauge } from '#runtime';
import { countDisabled, countWaiting, type Waiting } from './webhook-metrics.sql.js';
import { WebhookSender } from './webhook-sender.js';

/** Figures for `/metrics`. Those of the tables are the same in every worker; attempts are this one's. */
@Injectable()
export class WebhookMetrics implements OnModuleDestroy {
  private readonly removeGauges: readonly (() => void)[];

  constructor(database: Database, sender: WebhookSender) {
    const waiting = askedOnce(() => database.one(countWaiting));
    const ofWaiting = (
      name: `sallyport_webhooks_${'waiting' | 'oldest_seconds' | 'overdue_seconds'}`,
      figure: keyof Waiting,
    ) => gauge(name, async () => (await waiting())?.[figure] ?? NaN);
    this.removeGauges = [
      ofWaiting('sallyport_webhooks_waiting', 'deliveries'),
      ofWaiting('sallyport_webhooks_oldest_seconds', 'oldestSeconds'),
      ofWaiting('sallyport_webhooks_overdue_seconds', 'overdueSeconds'),
      gauge('sallyport_webhooks_disabled', async () => (await database.one(countDisabled))?.webhooks ?? NaN),
      gauge('sallyport_webhook_attempts_under_way', () => sender.underWay),
    ];
    // There from the first look on, at 0.
    count('sallyport_webhook_attempts_total', { outcome: 'taken' }, 0);
  }

  onModuleDestroy(): void {
    for (const remove of this.removeGauges) remove();
  }
}
