import { Hono } from 'hono';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { formatVkey } from '#audit-log';
import { metrics, serveHttp, SettingsError, type Logger, type RunningApp } from '#runtime';
import { witnessApp } from './app.js';
import type { WatchedLogs } from './watched-logs.js';
import { WitnessStore } from './witness-store.js';
import { Witness, type WitnessParts } from './witness.js';

interface Address {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

export interface WitnessOptions extends Pick<WitnessParts, 'mostLogs' | 'now'> {
  /** Of the witness: an address without scheme. */
  readonly name: string;
  readonly logs: WatchedLogs;
  /** For its key and its memory; of no other process. */
  readonly folder: string;
  readonly address: Address;
  /** For whoever looks after it. */
  readonly metricsAddress: Address;
  readonly logger: Logger;
}

export interface RunningWitness extends RunningApp {
  readonly url: string;
  readonly metricsUrl: string;
  /** Its public key, as a line of text. */
  readonly vkey: string;
}

/** @throws {SettingsError} and what `serveHttp` does */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { name, logs, folder, logger } = options;
  if (logs.keysOf(name).length > 0)
    throw new SettingsError('WITNESS_NAME is the name of a log in WITNESS_LOGS. A log is no witness of itself.');
  const store = await WitnessStore.open(folder, name);
  const opened: RunningApp[] = [{ stop: async () => store.close() }];
  const stop = async () => {
    for (const part of opened.toReversed()) await part.stop();
  };
  try {
    const told = witnessMetrics(store);
    const onFault = (err: unknown) => logger.error({ err }, 'a call failed');
    const metricsServer = await serveHttp({
      ...options.metricsAddress,
      settings: { host: 'METRICS_HOST', port: 'METRICS_PORT' },
      answerer: () => told.app.fetch,
      onFault,
    });
    opened.push(metricsServer);
    const vkey = formatVkey(store.key);
    const witness = new Witness({ ...options, store });
    const app = witnessApp({ witness, vkey, onAnswer: told.onAnswer, onFault });
    const server = await serveHttp({
      ...options.address,
      settings: { host: 'HOST', port: 'WITNESS_PORT' },
      answerer: () => app.fetch,
      onFault,
    });
    opened.push(server);
    return { url: server.url, metricsUrl: `${metricsServer.url}/metrics`, vkey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function witnessMetrics(store: WitnessStore) {
  const registers = [new Registry()] as const;
  const [registry] = registers;
  collectDefaultMetrics({ register: registry });
  const answers = new Counter({
    name: 'sallyport_witness_answers_total',
    help: metrics.sallyport_witness_answers_total.help,
    labelNames: ['status'],
    registers: [...registers],
  });
  new Gauge({
    name: 'sallyport_witness_logs',
    help: metrics.sallyport_witness_logs.help,
    registers: [...registers],
    collect() {
      this.set(store.count());
    },
  });
  return {
    onAnswer: (status: number) => answers.inc({ status }),
    app: new Hono().get('/metrics', async (c) =>
      c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    ),
  };
}
