import { openQueues } from '#messaging';
import { assertMigrated, Database, Sealer } from '#persistence';
import { createLogger, loadKeys, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startLockoutWorker } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger('lockout-worker');
  const { sealing } = loadKeys(['sealing']);
  const url = requiredSetting('DATABASE_URL');
  const database = await Database.open({
    url,
    poolSize: 6,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  await assertMigrated(database);
  const queues = await openQueues(optionalSetting('QUEUE_URL') ?? url, logger);
  const app = await startLockoutWorker({ database, queues, sealer: new Sealer(sealing), logger });
  logger.info('lockout worker runs');
  return {
    stop: async () => {
      await app.stop();
      await queues.close();
      await database.close();
    },
  };
});
