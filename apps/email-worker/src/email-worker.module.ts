import { Module, type DynamicModule } from '@nestjs/common';
import { Deliverer, type DelivererParts } from '#delivery';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { DeliverEmail } from './deliver-email.processor.js';

export interface EmailWorkerParts extends DelivererParts {
  readonly logger: Logger;
}

/** Sends mail: codes and notices. Any number may run. */
@Module({})
export class EmailWorkerModule {
  static with({ logger, ...parts }: EmailWorkerParts): DynamicModule {
    return {
      module: EmailWorkerModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        {
          provide: Deliverer,
          useFactory: (database: Database) => new Deliverer({ ...parts, database, logger }),
          inject: [Database],
        },
        DeliverEmail,
      ],
    };
  }
}
