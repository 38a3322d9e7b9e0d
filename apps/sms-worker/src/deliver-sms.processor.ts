import { Processor } from '@nestjs/bullmq';
import { Deliverer } from '#delivery';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';

/** Messages on their way at once. An attempt waits for the provider nearly all of its time. */
const concurrency = 20;

@Processor('sms', { concurrency })
export class DeliverSms extends JobProcessor<'sms'> {
  protected readonly queue = 'sms';
  protected readonly handlers = {
    'deliver-sms': (job: { readonly deliveryId: string }) => this.deliverer.deliver(job.deliveryId),
    'deliver-sms-notice': (job: { readonly deliveryId: string }) => this.deliverer.deliver(job.deliveryId),
  };

  constructor(
    private readonly deliverer: Deliverer,
    log: Log,
  ) {
    super(log);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    await this.deliverer.end();
  }
}
