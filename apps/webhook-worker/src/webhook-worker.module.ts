import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { DeliverWebhook } from './deliver-webhook.processor.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookSender, type SenderParts } from './webhook-sender.js';

export interface WebhookWorkerParts extends SenderParts {
  readonly logger: Logger;
}

/** Sends webhooks. Any number may run. */
@Module({})
export class WebhookWorkerModule {
  static with({ logger, ...parts }: WebhookWorkerParts): DynamicModule {
    return {
      module: WebhookWorkerModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        {
          provide: WebhookSender,
          useFactory: (database: Database) => new WebhookSender({ ...parts, database, logger }),
          inject: [Database],
        },
        WebhookMetrics,
        DeliverWebhook,
      ],
    };
  }
}
