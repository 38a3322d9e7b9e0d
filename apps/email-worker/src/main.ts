import { Sealer } from '#persistence';
import { requiredSetting } from '#runtime';
import { runService } from '#service';
import { startEmailWorker } from './app.js';
import { description } from './description.js';
import { smtpChannel } from './smtp-channel.js';

await runService({ description, poolSize: 10, queue: 'needed' }, async ({ keys, ...parts }) => {
  const channel = smtpChannel({ url: requiredSetting('SMTP_URL'), from: requiredSetting('MAIL_FROM') });
  const worker = await startEmailWorker({ ...parts, sealer: new Sealer(keys.sealing), channel });
  return {
    stop: async () => {
      await worker.stop();
      channel.close();
    },
  };
});
