import type { DynamicModule, Type } from '@nestjs/common';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { Deliverer, type DelivererParts } from './deliverer.js';
import type { DeliveryProcessor } from './delivery-processor.js';

export interface DeliveryWorkerParts extends DelivererParts {
  readonly logger: Logger;
}

/** The module of a worker that delivers: all such workers differ by their processor and their channel alone. */
export function deliveryWorker(
  module: Type,
  processor: Type<DeliveryProcessor<'sms'>> | Type<DeliveryProcessor<'email'>>,
  { logger, ...parts }: DeliveryWorkerParts,
): DynamicModule {
  return {
    module,
    providers: [
      { provide: Log, useValue: new Log(logger) },
      {
        provide: Deliverer,
        useFactory: (database: Database) => new Deliverer({ ...parts, database, logger }),
        inject: [Database],
      },
      processor,
    ],
  };
}
