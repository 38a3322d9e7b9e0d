import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '#persistence';
import { Log, type Logger } from '#runtime';
import { Readiness } from './readiness.js';

/** What every process has. It stays with the caller, who closes it when the application has closed. */
export interface CoreParts {
  readonly database: Database;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

@Module({})
export class CoreModule {
  static with({ database, readiness, logger }: CoreParts): DynamicModule {
    const providers = [
      { provide: Database, useValue: database },
      { provide: Readiness, useValue: readiness },
      { provide: Log, useValue: new Log(logger) },
    ];
    return { module: CoreModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
