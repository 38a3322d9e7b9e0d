import { Processor } from '@nestjs/bullmq';
import type { JobPayload } from '#contracts';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';
import { WebhookSender } from './webhook-sender.js';

/** Jobs that are begun at a time: each ends when its deliveries are claimed, and waits for no endpoint. */
const jobsAtOnce = 8;

@Processor('webhooks', { concurrency: jobsAtOnce })
export class DeliverWebhook extends JobProcessor<'webhooks'> {
  protected readonly queue = 'webhooks';
  protected readonly handlers = {
    'deliver-webhook': ({ deliveryId }: JobPayload<'deliver-webhook'>) => this.sender.deliver(deliveryId),
    'deliver-webhooks': (group: JobPayload<'deliver-webhooks'>) => this.sender.deliverTogether(group),
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
