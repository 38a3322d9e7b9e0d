import { Processor } from '@nestjs/bullmq';
import { Deliverer } from '#delivery';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';

/** Messages on their way at once. An attempt waits for the provider nearly all of its time. */
const concurrency = 20;

@Processor('sms', { concurrency })
export class DeliverSms extends JobProcessor<'sms'> {
  protected readonly queue = 'sms';
  private readonly deliver = (job: { readonly deliveryId: string }) => this.deliverer.deliver(job.deliveryId);
  protected readonly handlers = { 'deliver-sms': this.deliver, 'deliver-sms-notice': this.deliver };

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
