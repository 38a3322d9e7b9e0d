import { Sealer } from '#persistence';
import { runWorker } from '#process';
import { requiredSetting } from '#runtime';
import { description } from './description.js';
import { WebhookWorkerModule } from './webhook-worker.module.js';

await runWorker({ description, poolSize: 4, queue: 'needed', inBackground: true }, ({ keys, logger }) =>
  WebhookWorkerModule.with({
    logger,
    sealer: new Sealer(keys.webhook),
    allowPrivate: requiredSetting('WEBHOOK_ALLOW_PRIVATE'),
  }),
);
