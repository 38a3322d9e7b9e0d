import { migrateQueues } from '#messaging';
import { grantRights, migrate } from '#persistence';
import { optionalSetting, reaching, type SettingName } from '#runtime';
import { fullDisk, hasNoRoom } from '../embedded-postgres/disk.js';
import { startEmbeddedPostgres } from '../embedded-postgres/start.js';
import type { Home } from './take-home.js';
import type { Start } from './steps.js';

/** Where the database and the queues are. */
export interface Servers {
  readonly url: string;
  readonly queueUrl: string;
  /** Words for a queue that can't be reached name it. */
  readonly queueSetting: SettingName;
  /** Settles if the embedded database ends by itself, with words that say so. */
  readonly lostDatabase: Promise<string>;
}

/** The configured servers, or the embedded PostgreSQL for both; their tables are brought up to date. */
export async function provideServers(start: Start, home: Home): Promise<Servers> {
  const { url, lostDatabase } = await provideDatabase(start, home);
  const chosen = optionalSetting('QUEUE_URL');
  const queueUrl = chosen ?? url;
  const queueSetting = chosen === undefined ? 'DATABASE_URL' : 'QUEUE_URL';
  const migrated = await reaching('DATABASE_URL', migrate(url));
  await reaching(queueSetting, migrateQueues(queueUrl));
  // All of this works as the owner; the roles are for separate processes beside it, which need no word if there are none.
  for (const note of await grantRights(url, queueUrl)) start.logger('standalone').debug(note);
  if (migrated.length > 0) start.say(`Brought the tables up to date (${migrated.length} migration(s)).`);
  return { url, queueUrl, queueSetting, lostDatabase };
}

async function provideDatabase({ steps, say }: Start, home: Home): Promise<Pick<Servers, 'url' | 'lostDatabase'>> {
  const url = optionalSetting('DATABASE_URL');
  if (url !== undefined) return { url, lostDatabase: new Promise(() => undefined) };
  say('Starting PostgreSQL …');
  const server = await steps.take(
    'PostgreSQL',
    6000,
    () => startEmbeddedPostgres({ dataDir: home.databaseDir, durable: true, onProgress: say }),
    (started) => started.stop(),
  );
  return { url: server.url, lostDatabase: server.ended.then(() => wordsOfLoss(home.databaseDir)) };
}

/** PostgreSQL ends itself where it has no room for its log of changes. */
async function wordsOfLoss(databaseDir: string): Promise<string> {
  const full = await hasNoRoom(databaseDir).catch(() => false);
  return `the embedded PostgreSQL has ended by itself${full ? `: ${fullDisk(databaseDir)}` : '.'}`;
}
