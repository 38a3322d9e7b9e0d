import { migrateQueues } from '#messaging';
import { migrate } from '#persistence';
import { explain, optionalSetting } from '#runtime';
import { provideDatabase } from './provide-database.js';

/** `npm run migrate`: brings the tables and the queues up to date. */
try {
  const database = await provideDatabase();
  try {
    const ran = await migrate(database.url);
    await migrateQueues(optionalSetting('QUEUE_URL') ?? database.url);
    process.stdout.write(ran.length === 0 ? 'The schema is up to date.\n' : `Migrated: ${ran.join(', ')}.\n`);
  } finally {
    await database.release();
  }
} catch (error) {
  process.stderr.write(`migrate: ${explain(error)}\n`);
  process.exitCode = 1;
}
