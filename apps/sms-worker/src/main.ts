import { Sealer } from '#persistence';
import { optionalSetting, requiredSetting } from '#runtime';
import { runService } from '#service';
import { startSmsWorker } from './app.js';
import { description } from './description.js';
import { vonageChannel } from './vonage-channel.js';

await runService({ description, poolSize: 10, queue: 'needed' }, ({ keys, ...parts }) => {
  const channel = vonageChannel({
    apiKey: requiredSetting('VONAGE_API_KEY'),
    apiSecret: requiredSetting('VONAGE_API_SECRET'),
    from: requiredSetting('VONAGE_FROM'),
    host: optionalSetting('VONAGE_API_HOST'),
  });
  return startSmsWorker({ ...parts, sealer: new Sealer(keys.sealing), channel });
});
