import { openQueues } from '#messaging';
import { assertMigrated, Database, Sealer } from '#persistence';
import { createLogger, loadKeys, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startSmsWorker } from './app.js';
import { vonageChannel } from './vonage-channel.js';

const description = {
  name: 'sms-worker',
  about: 'hands codes to the SMS provider.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'VONAGE_API_KEY',
    'VONAGE_API_SECRET',
    'VONAGE_FROM',
    'VONAGE_API_HOST',
    'LOG_LEVEL',
  ],
} as const;

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
