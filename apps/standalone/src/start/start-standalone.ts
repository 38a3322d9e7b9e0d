import { createLoggers, openTraces, requiredSetting, type RunningApp } from '#runtime';
import { providePanel } from './panel.js';
import { keysOfTenant, quickstartPath, writeQuickstart } from '../home/quickstart.js';
import { startApi, startMetrics, startWorkers } from './apps.js';
import { chooseChannels, openChannels } from './channels.js';
import { takeHome } from './take-home.js';
import { provideServers } from './servers.js';
import { Steps, type Start } from './steps.js';
import { openStores } from './stores.js';

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

/**
 * Everything in one process: database, queues, gateway, relay, workers, inbox.
 * @throws {SettingsError} and others, after stopping what had been started
 */
export async function startStandalone({ say, signal }: StandaloneOptions): Promise<Standalone> {
  const logger = createLoggers();
  const steps = new Steps(logger('standalone'), signal);
  try {
    const traces = await openTraces('sallyport', logger('standalone'));
    return await startAll({ steps, logger, say, traces });
  } catch (error) {
    await steps.stop();
    throw error;
  }
}

async function startAll(start: Start): Promise<Standalone> {
  const chosen = chooseChannels(requiredSetting('HOST'));
  const home = await takeHome(start, chosen.inboxFor.length > 0);
  const servers = await provideServers(start, home);
  const channels = await openChannels(start, chosen);
  const stores = await openStores(start, home, servers);
  const workers = await startWorkers(start, home, stores, channels);
  const metrics = await startMetrics(start, stores);
  const gateway = await startApi(start, home, stores, workers);
  const { steps, say } = start;
  const { database } = stores;
  const panel = await steps.take(
    'panel',
    1200,
    () => providePanel({ database, dataDir: home.path, gatewayUrl: gateway.url, logger: start.logger('panel'), say }),
    (started) => started.stop(),
  );
  const addresses = {
    gatewayUrl: gateway.url,
    docsUrl: `${gateway.url}/docs`,
    panelUrl: panel.url,
    inboxUrl: channels.inboxUrl,
    metricsUrl: `${metrics.url}/metrics`,
  };
  const keys = await keysOfTenant(database, 'quickstart', quickstartPath(home.path));
  const quickstartFile = await writeQuickstart(home.path, { ...keys, ...addresses });
  steps.assertWanted();
  return { ...addresses, quickstartFile, lostDatabase: servers.lostDatabase, stop: () => steps.stop() };
}
