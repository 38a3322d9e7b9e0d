import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { Database } from '#persistence';
import { Log, requiredSetting, type Logger } from '#runtime';
import { Deliverer, type DelivererParts } from './deliverer.js';
import type { DeliveryProcessor } from './delivery-processor.js';
import { RouteLearning } from './learning/learn-routes.js';
import { LearningLoop } from './learning/learning-loop.js';
import type { RouteTable } from './routes/route-table.js';

export interface DeliveryWorkerParts extends DelivererParts {
  readonly logger: Logger;
}

/** The module of a worker that delivers: all such workers differ by their processor and their routes alone. */
export function deliveryWorker(
  module: Type,
  processor: Type<DeliveryProcessor<'sms'>> | Type<DeliveryProcessor<'email'>>,
  channel: 'sms' | 'email',
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
      ...learning(channel, parts.routes),
    ],
  };
}

/** Where there is a choice, what became of codes decides which route is the first. */
function learning(channel: 'sms' | 'email', routes: RouteTable): Provider[] {
  if (routes.names.length < 2 || requiredSetting('ROUTE_LEARNING') === 'off') return [];
  return [
    {
      provide: RouteLearning,
      useFactory: (database: Database) => new RouteLearning(database, channel, routes),
      inject: [Database],
    },
    LearningLoop,
  ];
}
