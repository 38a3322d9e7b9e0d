import { Module, type DynamicModule } from '@nestjs/common';
import { deliveryWorker, type DeliveryWorkerParts } from '#delivery';
import { DeliverSms } from './deliver-sms.processor.js';

/** Sends SMS. Any number may run. */
@Module({})
export class SmsWorkerModule {
  static with(parts: DeliveryWorkerParts): DynamicModule {
    return deliveryWorker(SmsWorkerModule, DeliverSms, parts);
  }
}
