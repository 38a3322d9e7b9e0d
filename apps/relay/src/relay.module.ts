import { Module, type DynamicModule } from '@nestjs/common';
import { PublishingModule } from '#messaging';
import { Log, type Logger } from '#runtime';
import { CallPushersLoop } from './call-pushers-loop.js';
import { CallSealerLoop } from './call-sealer-loop.js';
import { PruneLoop } from './prune-loop.js';
import { PublishLoop } from './publish-loop.js';
import { PurgeLoop } from './purge-loop.js';
import { ReconcileLoop } from './reconcile-loop.js';
import { RelayHealth } from './relay-health.js';
import { RelayMetrics } from './relay-metrics.js';

export { PublishLoop } from './publish-loop.js';
export { RelayHealth } from './relay-health.js';

/**
 * The relay: brings work from the outbox to the queues, and puts right what time or a lost queue left behind. Any number
 * may run.
 */
@Module({ imports: [PublishingModule] })
export class RelayModule {
  static with({ logger }: { readonly logger: Logger }): DynamicModule {
    return {
      module: RelayModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        PublishLoop,
        ReconcileLoop,
        PurgeLoop,
        PruneLoop,
        CallSealerLoop,
        CallPushersLoop,
        RelayHealth,
        RelayMetrics,
      ],
    };
  }
}
