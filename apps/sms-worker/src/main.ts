import { openQueues } from '#messaging';
import { assertMigrated, Database, Sealer } from '#persistence';
import { createLogger, loadKeys, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startSmsWorker } from './app.js';
import { description } from './description.js';
import { vonageChannel } from './vonage-channel.js';

await runProcess(description, async () => {
  const logger = createLogger('sms-worker');
  const url = requiredSetting('DATABASE_URL');
  const sealer = new Sealer(loadKeys(['sealing']).sealing);
  const channel = vonageChannel({
    apiKey: requiredSetting('VONAGE_API_KEY'),
    apiSecret: requiredSetting('VONAGE_API_SECRET'),
    from: requiredSetting('VONAGE_FROM'),
    host: optionalSetting('VONAGE_API_HOST'),
  });
  const database = await Database.open({
    url,
    poolSize: 10,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  await assertMigrated(database);
  const queues = await openQueues(optionalSetting('QUEUE_URL') ?? url, logger);
  const worker = await startSmsWorker({ database, queues, sealer, channel, logger });
  logger.info('sms-worker runs');
  return {
    stop: async () => {
      await worker.stop();
      await queues.close();
      await database.close();
    },
  };
});
