import { Module, type DynamicModule } from '@nestjs/common';
import { Deliverer, type DelivererParts } from '#delivery';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { DeliverSms } from './deliver-sms.processor.js';

export interface SmsWorkerParts extends DelivererParts {
  readonly logger: Logger;
}

/** Sends SMS. Any number may run. */
@Module({})
export class SmsWorkerModule {
  static with({ logger, ...parts }: SmsWorkerParts): DynamicModule {
    return {
      module: SmsWorkerModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        {
          provide: Deliverer,
          useFactory: (database: Database) => new Deliverer({ ...parts, database, logger }),
          inject: [Database],
        },
        DeliverSms,
      ],
    };
  }
}
