import { assertMigrated, Database } from '#persistence';
import { createLogger, loadKeys, requiredSetting, runProcess } from '#runtime';
import { startAuditWorker } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger('audit-worker');
  const { checkpoint } = loadKeys(['checkpoint']);
  const database = await Database.open({
    url: requiredSetting('DATABASE_URL'),
    // It does one thing at a time.
    poolSize: 2,
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  await assertMigrated(database);
  const app = await startAuditWorker({ database, logger, checkpointKey: checkpoint });
  logger.info('audit worker runs');
  return {
    stop: async () => {
      await app.stop();
      await database.close();
    },
  };
});
