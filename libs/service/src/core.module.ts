import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { Readiness } from './readiness.js';

/** What every process has. It stays with the caller, who closes it when the application has closed. */
export interface CoreParts {
  readonly database: Database;
  readonly readiness: Readiness;
  readonly log: Log;
}

@Module({})
export class CoreModule {
  static with({ database, readiness, log }: CoreParts): DynamicModule {
    const providers = [
      { provide: Database, useValue: database },
      { provide: Readiness, useValue: readiness },
      { provide: Log, useValue: log },
    ];
    return { module: CoreModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
