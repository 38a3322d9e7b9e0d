import { Module, type DynamicModule } from '@nestjs/common';
import { deliveryWorker, type DeliveryWorkerParts } from '#delivery';
import { DeliverEmail } from './deliver-email.processor.js';

/** Sends mail: codes and notices. Any number may run. */
@Module({})
export class EmailWorkerModule {
  static with(parts: DeliveryWorkerParts): DynamicModule {
    return deliveryWorker(EmailWorkerModule, DeliverEmail, 'email', parts);
  }
}
