import { constants, setPriority } from 'node:os';
import { openJobStore, type JobStore } from '#messaging';
import { assertKnownKeys, assertMigrated, Database, processBounds, strangeKeys, type HeldKeys } from '#persistence';
import {
  assertSettings,
  createLogger,
  loadKeys,
  measuredProcesses,
  openTraces,
  optionalSetting,
  reaching,
  requiredSetting,
  runProcess,
  type Keys,
  type Logger,
  type ProcessDescription,
  type RunningApp,
  type SettingName,
} from '#runtime';
import { startHealthServer } from './health-server.js';
import { openForLooks } from './open-for-looks.js';
import { Readiness, type AppHealth } from './readiness.js';

/** What a process is while its queue is away: nothing, or itself all the same. */
type QueueNeed = 'needed' | 'optional';

/** What a separate process is given to start with. */
export interface AppParts<K extends keyof Keys> {
  readonly database: Database;
  readonly store: JobStore;
  readonly keys: Pick<Keys, K>;
  readonly logger: Logger;
  readonly readiness: Readiness;
}

export interface AppOptions<K extends keyof Keys> {
  readonly description: ProcessDescription & { readonly keys: readonly K[] };
  /** Connections to the database at most. */
  readonly poolSize: number;
  readonly queue: QueueNeed;
  /** Which settings it can't do without, where that is more than each by itself. */
  readonly isNeeded?: (name: SettingName) => boolean;
  /** What its settings lack together, a sentence for each. */
  readonly lacks?: () => readonly string[];
  /** For work that can wait: on a machine that they share, logins go before it. */
  readonly inBackground?: true;
}

/** An app that is running; one with an API of its own answers `/healthz` and `/readyz` there, too. */
type App = RunningApp & { readonly url?: string };

/**
 * One separate process: opens what its app needs, starts it, and answers for its health. On SIGTERM the app stops first,
 * then the queues, then the database: what was begun can be finished and written down.
 */
export async function runApp<K extends keyof Keys>(
  options: AppOptions<K>,
  start: (parts: AppParts<K>) => Promise<App>,
): Promise<void> {
  const { description } = options;
  await runProcess(description, async () => {
    assertSettings(description.settings, options.isNeeded, undefined, options.lacks?.());
    if (options.inBackground) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    const logger = createLogger(description.name);
    const opened: RunningApp[] = [];
    const stop = async () => {
      for (const part of opened.toReversed()) await part.stop();
    };
    try {
      opened.push(await openTraces(`sallyport-${description.name}`, logger));
      return await open(options, start, logger, opened, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  });
}

/** For whatever happens to the database while the process runs. */
export async function keysHealth(database: Database, keys: HeldKeys): Promise<AppHealth> {
  const strange = await strangeKeys(database, keys);
  return { checks: { keys: strange.length === 0 }, reasons: strange.map((fault) => `SALLYPORT_KEYS: ${fault}`) };
}

async function open<K extends keyof Keys>(
  { description, poolSize, queue }: AppOptions<K>,
  start: (parts: AppParts<K>) => Promise<App>,
  logger: Logger,
  opened: RunningApp[],
  stop: () => Promise<void>,
): Promise<RunningApp> {
  const keys = loadKeys(description.keys);
  const url = requiredSetting('DATABASE_URL');
  const onError = (error: Error) => logger.warn({ err: error }, 'an idle database connection broke');
  const database = Database.open({ url, poolSize, onError, bounds: processBounds });
  opened.push({ stop: () => database.close() });
  await reaching('DATABASE_URL', database.assertPrepares());
  await reaching('DATABASE_URL', assertMigrated(database));
  await reaching('DATABASE_URL', assertKnownKeys(database, keys));

  const queueUrl = optionalSetting('QUEUE_URL') ?? url;
  const queueSetting = optionalSetting('QUEUE_URL') === undefined ? 'DATABASE_URL' : 'QUEUE_URL';
  const mayBeAway = queue === 'optional';
  const store = await reaching(queueSetting, openJobStore(queueUrl, logger, { mayBeAway }));
  opened.push({ stop: () => store.close() });

  const looks = openForLooks(url);
  opened.push({ stop: () => looks.close() });
  const readiness = new Readiness({ database: looks, working: database, store, needsQueue: queue === 'needed' });
  if (description.keys.length > 0) readiness.watch((own) => keysHealth(own, keys));
  const app = await start({ database, store, keys, logger, readiness });
  opened.push(app);
  // An API is for the public, and how it does is not.
  const names =
    app.url === undefined
      ? ({ host: 'HOST', port: 'HEALTH_PORT' } as const)
      : ({ host: 'METRICS_HOST', port: 'METRICS_PORT' } as const);
  const health = await startHealthServer(
    { host: requiredSetting(names.host), port: requiredSetting(names.port), settings: names },
    readiness,
    logger,
    measuredProcesses.filter((name) => name === description.name),
  );
  // Last to go: whoever asks meanwhile is told that it drains.
  opened.unshift(health);
  logger.info({ url: app.url ?? health.url, metricsUrl: `${health.url}/metrics` }, 'ready');
  return {
    stop: async () => {
      readiness.drain();
      await stop();
    },
  };
}
