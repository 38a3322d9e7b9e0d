import { Sealer } from '#persistence';
import { optionalSetting, requiredSetting } from '#runtime';
import { runApp, startApps } from '#process';
import { description } from './description.js';
import { SmsWorkerModule } from './sms-worker.module.js';
import { vonageChannel } from './vonage-channel.js';

await runApp({ description, poolSize: 10, queue: 'needed' }, ({ keys, ...parts }) => {
  const channel = vonageChannel({
    apiKey: requiredSetting('VONAGE_API_KEY'),
    apiSecret: requiredSetting('VONAGE_API_SECRET'),
    from: requiredSetting('VONAGE_FROM'),
    host: optionalSetting('VONAGE_API_HOST'),
  });
  const { logger } = parts;
  return startApps(parts, [SmsWorkerModule.with({ logger, sealer: new Sealer(keys.sealing), channel })]);
});
