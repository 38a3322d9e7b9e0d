import { Module, type DynamicModule } from '@nestjs/common';
import { Sealer } from '#persistence';
import { Log, type Logger } from '#runtime';
import { EndLockoutsLoop } from './end-lockouts-loop.js';
import { WatchSecurity } from './watch-security.processor.js';

export interface LockoutWorkerParts {
  readonly logger: Logger;
  readonly sealer: Sealer;
}

/** Escalates lockouts, tells owners, ends what is over. Any number may run. */
@Module({})
export class LockoutWorkerModule {
  static with({ logger, sealer }: LockoutWorkerParts): DynamicModule {
    return {
      module: LockoutWorkerModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        { provide: Sealer, useValue: sealer },
        WatchSecurity,
        EndLockoutsLoop,
      ],
    };
  }
}
