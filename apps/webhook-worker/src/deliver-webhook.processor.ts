import { Processor } from '@nestjs/bullmq';
import type { JobPayload } from '#contracts';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';
import { mostAtOnce } from './endpoint-turns.js';
import { WebhookSender } from './webhook-sender.js';

/** An attempt waits for its endpoint nearly all of its time. */
@Processor('webhooks', { concurrency: mostAtOnce })
export class DeliverWebhook extends JobProcessor<'webhooks'> {
  protected readonly queue = 'webhooks';
  protected readonly handlers = {
    'deliver-webhook': ({ deliveryId }: JobPayload<'deliver-webhook'>) => this.sender.deliver(deliveryId),
  };

  constructor(
    private readonly sender: WebhookSender,
    log: Log,
  ) {
    super(log);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    await this.sender.end();
  }
}
