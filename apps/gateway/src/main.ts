import { openQueues } from '#messaging';
import { assertMigrated, Database } from '#persistence';
import { createLogger, loadKeys, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startGateway } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger('gateway');
  const url = requiredSetting('DATABASE_URL');
  const keys = loadKeys(['sealing', 'pepper', 'proof']);
  const onError = (error: Error) => logger.warn({ err: error }, 'database connection lost');
  const database = await Database.open({ url, poolSize: 16, onError });
  await assertMigrated(database);
  const queues = await openQueues(optionalSetting('QUEUE_URL') ?? url, logger);
  const host = requiredSetting('HOST');
  const gateway = await startGateway({ database, queues, keys, logger, host, port: requiredSetting('PORT') });
  logger.info({ url: gateway.url }, 'ready');
  return {
    async stop() {
      await gateway.stop();
      await queues.close();
      await database.close();
    },
  };
});
