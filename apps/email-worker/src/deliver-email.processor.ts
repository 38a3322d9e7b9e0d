import { Processor } from '@nestjs/bullmq';
import { DeliveryProcessor } from '#delivery';

/** Messages on their way at once. An attempt waits for the mail server nearly all of its time. */
export const mailsAtOnce = 20;

@Processor('email', { concurrency: mailsAtOnce })
export class DeliverEmail extends DeliveryProcessor<'email'> {
  protected readonly queue = 'email';
  protected readonly handlers = { 'deliver-email': this.deliver, 'deliver-notice': this.deliver };
}
