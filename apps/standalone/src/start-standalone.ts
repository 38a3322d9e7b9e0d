import { auditStateDir, AuditWorkerModule } from '../../audit-worker/src/audit-worker.module.js';
import { EmailWorkerModule } from '../../email-worker/src/email-worker.module.js';
import { startGateway } from '../../gateway/src/app.js';
import { LockoutWorkerModule } from '../../lockout-worker/src/lockout-worker.module.js';
import { PublishLoop, RelayModule } from '../../relay/src/relay.module.js';
import { SmsWorkerModule } from '../../sms-worker/src/sms-worker.module.js';
import { migrateQueues, openJobStore } from '#messaging';
import { assertKnownKeys, Database, grantRights, migrate, processBounds, Sealer } from '#persistence';
import {
  createLogger,
  late,
  loadKeys,
  optionalSetting,
  reaching,
  requiredSetting,
  SettingsError,
  tryPorts,
  within,
  type Logger,
  type RunningApp,
  type WantedPort,
} from '#runtime';
import { keysHealth, openForLooks, Readiness, startApps, startHealthServer, type AppHealth } from '#process';
import { chooseChannels } from './choose-channels.js';
import { ownKeyFile, prepareDataDir, takeDataDir } from './data-dir.js';
import { fullDisk, hasNoRoom } from './embedded-postgres/disk.js';
import { startEmbeddedPostgres } from './embedded-postgres/start.js';
import { openInbox } from './inbox.js';
import { providePanel } from './provide-panel.js';
import { keysOfTenant, quickstartPath, writeQuickstart } from './quickstart.js';
import { onUsualPort } from './usual-port.js';

export interface Standalone extends RunningApp {
  readonly gatewayUrl: string;
  readonly docsUrl: string;
  readonly panelUrl: string;
  /** Of this machine only. */
  readonly metricsUrl: string;
  /** Null where both providers are configured. */
  readonly inboxUrl: string | null;
  readonly quickstartFile: string;
  /** Settles if the embedded database ends by itself, with words that say so. */
  readonly lostDatabase: Promise<string>;
}

export interface StandaloneOptions {
  /** Told what takes long. */
  readonly say: (line: string) => void;
  /** Ends a start that is under way; what has been started is stopped first. */
  readonly signal: AbortSignal;
}

/** Connections of the one pool that all apps share; the queues have small ones of their own. */
const poolSize = 20;

/**
 * Everything in one process: database, queues, gateway, relay, workers, inbox.
 * @throws {SettingsError} and others, after stopping what had been started
 */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { say, signal } = options;
  const logger = createLogger('standalone');
  const steps = new Steps(logger, signal);
  try {
    return await start(steps, logger, say);
  } catch (error) {
    await steps.stop();
    throw error;
  }
}

async function start(steps: Steps, logger: Logger, say: (line: string) => void): Promise<Standalone> {
  const host = requiredSetting('HOST');
  const port = requiredSetting('PORT');
  const configured = chooseChannels();
  if (configured.inboxFor.length > 0 && !isLoopback(host)) {
    throw new SettingsError(
      `HOST is ${host}, but the inbox stands in for ${configured.inboxFor.join(' and ')} and would show codes to others. Set ${configured.missing.join(' and ')}, or HOST to 127.0.0.1.`,
    );
  }

  const path = await prepareDataDir();
  const dataDir = await steps.take('data directory', 500, async () => {
    const taken = await takeDataDir(path);
    return { value: taken, stop: () => taken.release() };
  });
  await tryPorts(wantedPorts(configured.inboxFor.length > 0));
  const keyFile = optionalSetting('SALLYPORT_KEYS') ?? (await ownKeyFile(path));
  const keys = loadKeys(['sealing', 'pepper', 'proof', 'checkpoint'], { SALLYPORT_KEYS: keyFile });

  let url = optionalSetting('DATABASE_URL');
  let lostDatabase = new Promise<string>(() => undefined);
  if (url === undefined) {
    say('Starting PostgreSQL …');
    const server = await steps.take('PostgreSQL', 6000, async () => {
      const started = await startEmbeddedPostgres({ dataDir: dataDir.databaseDir, durable: true, onProgress: say });
      return { value: started, stop: () => started.stop() };
    });
    url = server.url;
    lostDatabase = server.ended.then(() => wordsOfLoss(dataDir.databaseDir));
  }
  const queueUrl = optionalSetting('QUEUE_URL') ?? url;
  const named = (app: string) => logger.child({ app });
  const queueSetting = optionalSetting('QUEUE_URL') === undefined ? 'DATABASE_URL' : 'QUEUE_URL';
  const migrated = await reaching('DATABASE_URL', migrate(url));
  await reaching(queueSetting, migrateQueues(queueUrl));
  // All of this works as the owner; the roles are for separate processes beside it, which need no word if there are none.
  for (const note of await grantRights(url, queueUrl)) logger.debug(note);
  if (migrated.length > 0) say(`Brought the tables up to date (${migrated.length} migration(s)).`);

  const inbox =
    configured.inboxFor.length === 0
      ? null
      : await steps.take('inbox', 1200, async () => {
          const port = { setting: 'INBOX_PORT', usual: 3002, who: 'the inbox', say } as const;
          const opened = await onUsualPort(port, (chosen) => openInbox(chosen, named('inbox')));
          return { value: opened, stop: () => opened.stop() };
        });
  const channel = (kind: 'sms' | 'email') => {
    const chosen = configured[kind] ?? inbox?.channel(kind);
    if (!chosen) throw new TypeError(`No channel for ${kind}.`);
    return chosen;
  };

  const address = url;
  const database = await steps.take('database connections', 1000, async () => {
    const onError = (error: Error) => {
      // PostgreSQL may stop before the last goodbye of a connection has arrived.
      if (!steps.ending) logger.warn({ err: error }, 'an idle database connection broke');
    };
    const opened = Database.open({ url: address, poolSize, onError, bounds: processBounds });
    return { value: opened, stop: () => opened.close() };
  });
  const store = await steps.take('queues', 1000, async () => {
    const opened = await reaching(queueSetting, openJobStore(queueUrl, logger));
    return { value: opened, stop: () => opened.close() };
  });

  const sealer = new Sealer(keys.sealing);
  await reaching('DATABASE_URL', database.assertPrepares());
  await assertKnownKeys(database, keys);
  const looks = await steps.take('looks', 300, async () => {
    const opened = openForLooks(address);
    return { value: opened, stop: () => opened.close() };
  });
  const readiness = new Readiness({ database: looks, working: database, store, needsQueue: false });
  readiness.watch((own) => keysHealth(own, keys));
  readiness.watch(() => diskHealth(path));
  const apps = await steps.take('relay and workers', 10_500, async () => {
    const started = await startApps({ database, store, readiness, logger }, [
      RelayModule.with({ logger: named('relay') }),
      SmsWorkerModule.with({ sealer, channel: channel('sms'), logger: named('sms-worker') }),
      EmailWorkerModule.with({ sealer, channel: channel('email'), logger: named('email-worker') }),
      LockoutWorkerModule.with({ sealer, logger: named('lockout-worker') }),
      AuditWorkerModule.with({
        checkpointKey: keys.checkpoint,
        stateDir: auditStateDir(),
        logger: named('audit-worker'),
      }),
    ]);
    const stop = async () => {
      await started.stop();
      configured.close();
    };
    return { value: started, stop };
  });
  const health = await steps.take('metrics', 1200, async () => {
    const names = { host: 'METRICS_HOST', port: 'METRICS_PORT' } as const;
    const address = { host: requiredSetting(names.host), port: requiredSetting(names.port), settings: names };
    const started = await startHealthServer(address, readiness, named('gateway'));
    return { value: started, stop: () => started.stop() };
  });
  const gateway = await steps.take('gateway', 7000, async () => {
    const publishing = apps.get(PublishLoop);
    const onWork = () => publishing.wake();
    const started = await startGateway({
      database,
      readiness,
      keys,
      logger: named('gateway'),
      host,
      port,
      onWork,
      // Nobody balances here; whoever keeps a connection is told to end it.
      shutdownDelayMs: 300,
    });
    return { value: started, stop: () => started.stop() };
  });

  const panel = await steps.take('panel', 1200, async () => {
    const logger = named('panel');
    const started = await providePanel({ database, dataDir: path, gatewayUrl: gateway.url, logger, say });
    return { value: started, stop: () => started.stop() };
  });

  const quickstart = await keysOfTenant(database, 'quickstart', quickstartPath(path));
  const addresses = {
    gatewayUrl: gateway.url,
    docsUrl: `${gateway.url}/docs`,
    panelUrl: panel.url,
    inboxUrl: inbox?.url ?? null,
    metricsUrl: `${health.url}/metrics`,
  };
  const quickstartFile = await writeQuickstart(path, { ...quickstart, ...addresses });
  steps.assertWanted();
  return { ...addresses, quickstartFile, lostDatabase, stop: () => steps.stop() };
}

async function diskHealth(dataDir: string): Promise<AppHealth> {
  const disk = !(await hasNoRoom(dataDir));
  return { checks: { disk }, reasons: disk ? [] : [`the disk of ${dataDir} is full. Make room`] };
}

/** PostgreSQL ends itself where it has no room for its log of changes. */
async function wordsOfLoss(databaseDir: string): Promise<string> {
  const full = await hasNoRoom(databaseDir).catch(() => false);
  return `the embedded PostgreSQL has ended by itself${full ? `: ${fullDisk(databaseDir)}` : '.'}`;
}

/** Those that were asked for. The usual ones of panel and inbox may be taken: then they are given others. */
function wantedPorts(withInbox: boolean): WantedPort[] {
  const own = (port: 'PANEL_PORT' | 'INBOX_PORT'): WantedPort[] => {
    const chosen = optionalSetting(port);
    return chosen === undefined ? [] : [{ host: '127.0.0.1', port: chosen, settings: { port } }];
  };
  const served = (host: 'HOST' | 'METRICS_HOST', port: 'PORT' | 'METRICS_PORT'): WantedPort => ({
    host: requiredSetting(host),
    port: requiredSetting(port),
    settings: { host, port },
  });
  return [
    served('HOST', 'PORT'),
    served('METRICS_HOST', 'METRICS_PORT'),
    ...own('PANEL_PORT'),
    ...(withInbox ? own('INBOX_PORT') : []),
  ];
}

/** Addresses that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

interface Step {
  readonly name: string;
  /** Longest wait for its end: together less than 30 s, and the database last. */
  readonly ms: number;
  stop(): Promise<void>;
}

/** What has been started, ended in the opposite order: nothing loses what it still needs to finish. */
class Steps {
  private readonly taken: Step[] = [];
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  async take<T>(name: string, ms: number, open: () => Promise<{ value: T; stop(): Promise<void> }>): Promise<T> {
    this.assertWanted();
    const { value, stop } = await open();
    this.taken.push({ name, ms, stop });
    return value;
  }

  get ending(): boolean {
    return this.stopping !== undefined;
  }

  assertWanted(): void {
    this.signal.throwIfAborted();
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const { name, ms, stop } of this.taken.toReversed()) {
      try {
        if ((await within(ms, stop())) === late) this.logger.warn({ step: name, ms }, 'did not stop in time');
      } catch (error) {
        this.logger.warn({ step: name, err: error }, 'failed while stopping');
      }
    }
  }
}
