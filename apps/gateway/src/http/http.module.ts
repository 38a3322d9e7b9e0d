import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { Admission } from './admission.js';
import type { AdmissionLimits } from './admission-limits.js';
import { AllowedMethods } from './allowed-methods.js';
import { Authentication } from './authentication.js';
import { CallInterceptor } from './call.interceptor.js';
import { Connections, type ConnectionBounds } from './connections.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { Overload } from './overload.js';
import { CountedEvents } from './counted-events.js';
import { ProblemFilter } from './problem.filter.js';
import { Streams } from './streams.js';
import { RefusedKeys } from './refused-keys.js';
import { TurnInterceptor } from './turn.interceptor.js';
import { ValidationPipe } from './validation.pipe.js';

export interface HttpParts {
  readonly logger: Logger;
  readonly bounds: ConnectionBounds;
  readonly limits: AdmissionLimits;
}

/** Who stands between a request and the features, and who answers for what they refuse. */
@Module({})
export class HttpModule {
  static with({ logger, bounds, limits }: HttpParts): DynamicModule {
    const doorkeepers = [
      Authentication,
      RefusedKeys,
      {
        provide: CountedEvents,
        inject: [Database],
        useFactory: (database: Database) => new CountedEvents(database, logger),
      },
      AllowedMethods,
      Streams,
      { provide: Log, useValue: new Log(logger) },
      { provide: ProblemFilter, useFactory: () => new ProblemFilter(logger) },
      { provide: Overload, useFactory: () => new Overload(logger) },
      {
        provide: Admission,
        inject: [Overload],
        useFactory: (overload: Overload) => new Admission(limits, (lane, sharer) => overload.note(lane, sharer)),
      },
      {
        provide: Connections,
        inject: [HttpAdapterHost],
        useFactory: ({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) =>
          new Connections(httpAdapter.getInstance().server, bounds, logger),
      },
    ];
    return {
      module: HttpModule,
      global: true,
      providers: [
        ...doorkeepers,
        { provide: APP_FILTER, useExisting: ProblemFilter },
        TurnInterceptor,
        IdempotencyInterceptor,
        { provide: APP_INTERCEPTOR, useClass: CallInterceptor },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
      exports: doorkeepers.map((each) => ('provide' in each ? each.provide : each)),
    };
  }
}
