import { migrateQueues } from '#messaging';
import { grantRights, migrate } from '#persistence';
import { answersHelp, assertSettings, explain, optionalSetting, reaching } from '#runtime';
import { provideDatabase } from './home/provide-database.js';

/** `npm run migrate`: brings the tables, the queues and the rights of the roles up to date. */
const description = {
  name: 'migrate',
  about: 'brings the tables and the queues up to date, creates the roles of the processes and grants their rights.',
  settings: ['DATABASE_URL', 'SALLYPORT_DATA_DIR', 'QUEUE_URL'],
  keys: [],
} as const;

async function run(): Promise<void> {
  assertSettings(description.settings, () => false);
  const database = await provideDatabase();
  try {
    const queueUrl = optionalSetting('QUEUE_URL') ?? database.url;
    const ran = await reaching('DATABASE_URL', migrate(database.url));
    await reaching(optionalSetting('QUEUE_URL') === undefined ? 'DATABASE_URL' : 'QUEUE_URL', migrateQueues(queueUrl));
    process.stdout.write(ran.length === 0 ? 'The schema is up to date.\n' : `Migrated: ${ran.join(', ')}.\n`);
    const notes = await grantRights(database.url, queueUrl);
    for (const note of notes) process.stderr.write(`migrate: ${note}\n`);
    // The tables are up to date, but a process without its rights does not start: whoever deploys has to know.
    if (notes.length > 0) process.exitCode = 1;
  } finally {
    await database.release();
  }
}

const more = 'DATABASE_URL names the owner of the tables; without it the embedded database is brought up to date.';
try {
  if (!answersHelp(description, more)) await run();
} catch (error) {
  process.stderr.write(`migrate: ${explain(error)}\n`);
  process.exitCode = 1;
}
