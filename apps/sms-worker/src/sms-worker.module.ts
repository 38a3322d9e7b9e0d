import { Module, type DynamicModule } from '@nestjs/common';
import { deliveryWorker, type DeliveryWorkerParts } from '#delivery';
import { requiredSetting } from '#runtime';
import { DeliverSms } from './deliver-sms.processor.js';

/** Sends SMS. Any number may run. */
@Module({})
export class SmsWorkerModule {
  /** @throws {SettingsError} */
  static with(parts: DeliveryWorkerParts): DynamicModule {
    const receiptWaitMs = requiredSetting('RECEIPT_WAIT_SECONDS') * 1000;
    const processor = DeliverSms.withAtOnce(requiredSetting('SMS_CONCURRENCY'));
    return deliveryWorker(SmsWorkerModule, processor, 'sms', { receiptWaitMs, ...parts });
  }
}
