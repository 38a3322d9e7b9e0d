import { Sealer } from '#persistence';
import { requiredSetting } from '#runtime';
import { runApp, startApps } from '#process';
import { description } from './description.js';
import { EmailWorkerModule } from './email-worker.module.js';
import { smtpChannel } from './smtp-channel.js';

await runApp({ description, poolSize: 10, queue: 'needed' }, async ({ keys, ...parts }) => {
  const channel = smtpChannel({ url: requiredSetting('SMTP_URL'), from: requiredSetting('MAIL_FROM') });
  const { logger } = parts;
  const sealer = new Sealer(keys.sealing);
  const apps = await startApps(parts, [EmailWorkerModule.with({ logger, sealer, channel })]);
  return {
    stop: async () => {
      await apps.stop();
      channel.close();
    },
  };
});
