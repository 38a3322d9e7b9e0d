import { Processor } from '@nestjs/bullmq';
import { Deliverer } from '#delivery';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';

/** Messages on their way at once. An attempt waits for the mail server nearly all of its time. */
const concurrency = 20;

@Processor('email', { concurrency })
export class DeliverEmail extends JobProcessor<'email'> {
  protected readonly queue = 'email';
  private readonly deliver = (job: { readonly deliveryId: string }) => this.deliverer.deliver(job.deliveryId);
  protected readonly handlers = { 'deliver-email': this.deliver, 'deliver-notice': this.deliver };

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
