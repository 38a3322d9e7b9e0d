import { Processor } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { deliveryWorker, type DeliveryWorkerParts } from '#delivery';
import { requiredSetting } from '#runtime';
import { DeliverSms } from './deliver-sms.processor.js';

/** Sends SMS. Any number may run. */
@Module({})
export class SmsWorkerModule {
  /** @throws {SettingsError} */
  static with(parts: DeliveryWorkerParts): DynamicModule {
    // What the class's own decorator can't say: nobody has looked at the settings when it is declared.
    Processor('sms', { concurrency: requiredSetting('SMS_CONCURRENCY') })(DeliverSms);
    return deliveryWorker(SmsWorkerModule, DeliverSms, parts);
  }
}
