import { Module, type DynamicModule } from '@nestjs/common';
import { deliveryWorker, type DeliveryWorkerParts } from '#delivery';
import { requiredSetting } from '#runtime';
import { DeliverSms } from './deliver-sms.processor.js';

/** Sends SMS. Any number may run. */
@Module({})
export class SmsWorkerModule {
  /** @throws {SettingsError} */
  static with(parts: DeliveryWorkerParts): DynamicModule {
    return deliveryWorker(SmsWorkerModule, DeliverSms.withAtOnce(requiredSetting('SMS_CONCURRENCY')), 'sms', parts);
  }
}
