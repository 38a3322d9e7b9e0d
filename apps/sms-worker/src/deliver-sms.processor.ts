import { Processor } from '@nestjs/bullmq';
import { DeliveryProcessor } from '#delivery';

/** Messages on their way at once. An attempt waits for the provider nearly all of its time. */
const concurrency = 20;

@Processor('sms', { concurrency })
export class DeliverSms extends DeliveryProcessor<'sms'> {
  protected readonly queue = 'sms';
  protected readonly handlers = { 'deliver-sms': this.deliver, 'deliver-sms-notice': this.deliver };
}
