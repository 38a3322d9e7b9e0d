import { openJobStore, type JobStore } from '#messaging';
import { assertKnownKeys, Database, processBounds } from '#persistence';
import { keysHealth, openForLooks, Readiness } from '#process';
import { reaching } from '#runtime';
import { diskHealth, type Home } from './take-home.js';
import type { Servers } from './servers.js';
import type { Start } from './steps.js';

/** Connections of the one pool that all apps share; the queues have small ones of their own. */
const poolSize = 20;

export interface Stores {
  readonly database: Database;
  readonly store: JobStore;
  readonly readiness: Readiness;
}

/** Opens the connections that all apps share, and looks whether they are fit. */
export async function openStores({ steps, logger, traces }: Start, home: Home, servers: Servers): Promise<Stores> {
  const { url, queueUrl, queueSetting } = servers;
  const onError = (error: Error) => {
    // PostgreSQL may stop before the last goodbye of a connection has arrived.
    if (!steps.ending) logger('standalone').warn({ err: error }, 'an idle database connection broke');
  };
  const database = await steps.take(
    'database connections',
    1000,
    () => Database.open({ url, poolSize, onError, bounds: processBounds }),
    // Whatever makes spans has ended by then, and a collector that hangs takes no time from the rest.
    async (opened) => void (await Promise.all([opened.close(), traces.stop()])),
  );
  const store = await steps.take(
    'queues',
    1000,
    () => reaching(queueSetting, openJobStore(queueUrl, logger('standalone'))),
    (opened) => opened.close(),
  );
  await reaching('DATABASE_URL', database.assertPrepares());
  await assertKnownKeys(database, home.keys);
  const looks = await steps.take(
    'looks',
    300,
    () => openForLooks(url),
    (opened) => opened.close(),
  );
  const readiness = new Readiness({ database: looks, working: database, store, needsQueue: false });
  readiness.watch((own) => keysHealth(own, home.keys));
  readiness.watch(() => diskHealth(home));
  return { database, store, readiness };
}
