import { join, resolve } from 'node:path';
import { Database } from '#persistence';
import { exists, isGiven, optionalSetting, requiredSetting, SettingsError, within } from '#runtime';
import { databaseDirOf, keyFileOf } from '../../home/data-dir.js';
import { provideDatabase, type ProvidedDatabase } from '../../home/provide-database.js';
import { checkDatabase } from './check-database.js';
import { checkDisk } from './check-disk.js';
import { checkKeys } from './check-keys.js';
import { checkQueue } from './check-queue.js';
import { checkRoutes } from './check-routes.js';
import { checkSettings } from './check-settings.js';
import { checkWork } from './check-work.js';
import { fault, find, skipped, type Finding } from './finding.js';

/** Checks that look into the database; without one none is made. */
const ofDatabase = ['keys', 'queue', 'relay', 'workers', 'sealing', 'signing', 'collectors', 'set-aside'];

const answerMs = 5000;
/** The embedded PostgreSQL may have to be started first, and to repair itself. */
const startMs = 60_000;

/** Everything that can be told of an installation from this shell. Nothing is changed; each check ends in time. */
export async function examine(): Promise<readonly Finding[]> {
  const [settings, [database, disk], routes] = await Promise.all([checkSettings(), examineStores(), checkRoutes()]);
  return [settings, ...database, ...routes, disk];
}

async function examineStores(): Promise<[Finding[], Finding]> {
  const folder = readable(() => resolve(requiredSetting('SALLYPORT_DATA_DIR')));
  const state = readable(() => optionalSetting('AUDIT_STATE_DIR')) ?? (folder && join(folder, 'audit'));
  // With a database of its own the folder of the embedded one may be there from trying things out.
  const own = isGiven('DATABASE_URL') ? [] : [folder];
  const disk = await checkDisk([...own, state].flatMap((path) => path ?? []));
  const opened = await open(folder);
  if (!opened.provided) return [[opened.finding, ...unseen()], disk];
  const { url, release } = opened.provided;
  const database = Database.open({
    url,
    poolSize: 4,
    answerWithinMs: answerMs,
    connectionWaitMs: answerMs,
    onError: () => undefined,
  });
  try {
    return [await examineDatabase(database, url, folder), disk];
  } finally {
    await within(answerMs, database.close());
    await release();
  }
}

async function examineDatabase(database: Database, url: string, folder: string | undefined): Promise<Finding[]> {
  const found = await checkDatabase(database);
  const isMigrated = found.find(({ check }) => check === 'migrations')?.status === 'ok';
  if (!isMigrated) return [...found, ...unseen()];
  const keyFile =
    readable(() => optionalSetting('SALLYPORT_KEYS')) ??
    (isGiven('DATABASE_URL') ? undefined : folder && keyFileOf(folder));
  const queueUrl = readable(() => optionalSetting('QUEUE_URL'));
  const [keys, queue, work] = await Promise.all([
    checkKeys(database, keyFile === undefined ? undefined : { SALLYPORT_KEYS: keyFile }),
    checkQueue(database, queueUrl ?? url, queueUrl === undefined ? 'DATABASE_URL' : 'QUEUE_URL'),
    checkWork(database),
  ]);
  return [...found, keys, queue, ...work];
}

type Opened = { readonly provided: ProvidedDatabase } | { readonly provided?: never; readonly finding: Finding };

async function open(folder: string | undefined): Promise<Opened> {
  let provided: ProvidedDatabase | undefined;
  const finding = await find(
    'database',
    'Correct DATABASE_URL or SALLYPORT_DATA_DIR.',
    async () => {
      // The embedded one is looked at, and never made.
      if (!isGiven('DATABASE_URL') && !(folder && (await exists(join(databaseDirOf(folder), 'PG_VERSION'))))) {
        return fault(
          `there is no database in ${folder ?? 'SALLYPORT_DATA_DIR'}, and DATABASE_URL is not set`,
          'Set DATABASE_URL, or SALLYPORT_DATA_DIR to the folder of "npm start".',
        );
      }
      provided = await provideDatabase();
      return skipped('');
    },
    startMs,
  );
  return provided ? { provided } : { finding };
}

const unseen = (): Finding[] =>
  ofDatabase.map((check) => ({ check, ...skipped('not looked at: the database has to be mended first') }));

/** A setting that is wrong is one of the findings. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}
