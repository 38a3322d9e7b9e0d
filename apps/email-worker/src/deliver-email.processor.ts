import { Processor } from '@nestjs/bullmq';
import { DeliveryProcessor } from '#delivery';

/** Messages on their way at once. An attempt waits for the mail server nearly all of its time. */
const concurrency = 20;

@Processor('email', { concurrency })
export class DeliverEmail extends DeliveryProcessor<'email'> {
  protected readonly queue = 'email';
  protected readonly handlers = { 'deliver-email': this.deliver, 'deliver-notice': this.deliver };
}
