import { openQueues } from '#messaging';
import { assertMigrated, Database } from '#persistence';
import { createLogger, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startRelay } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger('relay');
  const url = requiredSetting('DATABASE_URL');
  const database = await Database.open({
    url,
    poolSize: 4,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  await assertMigrated(database);
  const queues = await openQueues(optionalSetting('QUEUE_URL') ?? url, logger);
  const relay = await startRelay({ database, queues, logger });
  logger.info('relay runs');
  return {
    stop: async () => {
      await relay.stop();
      await queues.close();
      await database.close();
    },
  };
});
