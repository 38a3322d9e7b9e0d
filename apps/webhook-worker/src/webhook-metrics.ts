import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '#persistence';
import { gauge } from '#process';
import { attemptCounter } from './count-attempt.js';
import { countDisabled, countWaiting, type Waiting } from './webhook-metrics.sql.js';
import { WebhookSender } from './webhook-sender.js';

/** Figures for `/metrics`. Those of the tables are the same in every worker; attempts are this one's. */
@Injectable()
export class WebhookMetrics implements OnModuleDestroy {
  private readonly removeGauges: readonly (() => void)[];

  constructor(database: Database, sender: WebhookSender) {
    const ofWaiting = (name: string, help: string, figure: keyof Waiting) =>
      gauge(name, help, async () => (await database.one(countWaiting))?.[figure] ?? NaN);
    this.removeGauges = [
      ofWaiting('sallyport_webhooks_waiting', 'Deliveries that have not arrived and are tried again', 'deliveries'),
      ofWaiting('sallyport_webhooks_oldest_seconds', 'Age of the oldest of them', 'oldestSeconds'),
      ofWaiting('sallyport_webhooks_overdue_seconds', 'How long one waits whose attempt is due', 'overdueSeconds'),
      gauge(
        'sallyport_webhooks_disabled',
        'Webhooks that are disabled',
        async () => (await database.one(countDisabled))?.webhooks ?? NaN,
      ),
      gauge(
        'sallyport_webhook_attempts_under_way',
        'Attempts of this worker that wait for an answer',
        () => sender.underWay,
      ),
    ];
    // There from the first look on, at 0.
    attemptCounter();
  }

  onModuleDestroy(): void {
    for (const remove of this.removeGauges) remove();
  }
}
