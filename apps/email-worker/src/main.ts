import { openQueues } from '#messaging';
import { assertMigrated, Database, Sealer } from '#persistence';
import { createLogger, loadKeys, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startEmailWorker } from './app.js';
import { description } from './description.js';
import { smtpChannel } from './smtp-channel.js';

await runProcess(description, async () => {
  const logger = createLogger('email-worker');
  const url = requiredSetting('DATABASE_URL');
  const sealer = new Sealer(loadKeys(['sealing']).sealing);
  const channel = smtpChannel({ url: requiredSetting('SMTP_URL'), from: requiredSetting('MAIL_FROM') });
  const database = await Database.open({
    url,
    poolSize: 10,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  await assertMigrated(database);
  const queues = await openQueues(optionalSetting('QUEUE_URL') ?? url, logger);
  const worker = await startEmailWorker({ database, queues, sealer, channel, logger });
  logger.info('email-worker runs');
  return {
    stop: async () => {
      await worker.stop();
      await queues.close();
      channel.close();
      await database.close();
    },
  };
});
