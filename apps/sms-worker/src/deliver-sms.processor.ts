import { Processor } from '@nestjs/bullmq';
import { DeliveryProcessor } from '#delivery';

@Processor('sms')
export class DeliverSms extends DeliveryProcessor<'sms'> {
  protected readonly queue = 'sms';
  protected readonly handlers = { 'deliver-sms': this.deliver, 'deliver-sms-notice': this.deliver };

  /**
   * Says what the decorator can't, since nobody has looked at the settings when the class is declared.
   * @param concurrency messages on their way at once. An attempt waits for the provider nearly all of its time.
   */
  static withAtOnce(concurrency: number): typeof DeliverSms {
    Processor('sms', { concurrency })(DeliverSms);
    return DeliverSms;
  }
}
