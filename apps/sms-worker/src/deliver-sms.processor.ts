import { Processor } from '@nestjs/bullmq';
import { DeliveryProcessor } from '#delivery';

@Processor('sms')
export class DeliverSms extends DeliveryProcessor<'sms'> {
  protected readonly queue = 'sms';
  protected readonly handlers = { 'deliver-sms': this.deliver, 'deliver-sms-notice': this.deliver };
}
