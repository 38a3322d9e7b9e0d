import { Sealer } from '#persistence';
import { runWorker } from '#process';
import { description } from './description.js';
import { EmailWorkerModule } from './email-worker.module.js';
import { configuredMailRoutes } from './smtp-channel.js';

await runWorker({ description, poolSize: 10, queue: 'needed' }, ({ keys, logger }) =>
  EmailWorkerModule.with({ logger, sealer: new Sealer(keys.sealing), routes: configuredMailRoutes() }),
);
