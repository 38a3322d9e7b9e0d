import { Sealer } from '#persistence';
import { runWorker } from '#process';
import { description } from './description.js';
import { LockoutWorkerModule } from './lockout-worker.module.js';

await runWorker({ description, poolSize: 6, queue: 'needed' }, ({ keys, logger }) =>
  LockoutWorkerModule.with({ logger, sealer: new Sealer(keys.sealing) }),
);
