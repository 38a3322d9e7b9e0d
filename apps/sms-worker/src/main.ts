import { Sealer } from '#persistence';
import { runWorker } from '#process';
import { description } from './description.js';
import { configuredSmsRoutes, smsWorkerLacks, smsWorkerNeeds } from './sms-routes.js';
import { SmsWorkerModule } from './sms-worker.module.js';

await runWorker(
  { description, poolSize: 10, queue: 'needed', isNeeded: smsWorkerNeeds, lacks: smsWorkerLacks },
  ({ keys, logger }) =>
    SmsWorkerModule.with({ logger, sealer: new Sealer(keys.sealing), routes: configuredSmsRoutes() }),
);
