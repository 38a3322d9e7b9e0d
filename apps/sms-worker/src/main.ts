import { RouteTable } from '#delivery';
import { Sealer } from '#persistence';
import { runWorker } from '#process';
import { description } from './description.js';
import { SmsWorkerModule } from './sms-worker.module.js';
import { configuredVonage } from './vonage-channel.js';

await runWorker({ description, poolSize: 10, queue: 'needed' }, ({ keys, logger }) =>
  SmsWorkerModule.with({ logger, sealer: new Sealer(keys.sealing), routes: new RouteTable([configuredVonage()]) }),
);
