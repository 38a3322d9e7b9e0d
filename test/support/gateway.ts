import { openJobStore } from '#messaging';
import type { Database } from '#persistence';
import { createLogger, loadKeys, type Logger } from '#runtime';
import { Readiness } from '#process';
import { startGateway, type GatewayOptions, type RunningGateway } from '../../apps/gateway/src/app.js';
import type { Answer } from './system.js';

export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

interface GatewayParts extends Partial<Pick<GatewayOptions, 'bounds' | 'limits' | 'webhookAllowPrivate' | 'receipts'>> {
  /** Stays open when the gateway stops. */
  readonly database: Database;
  /** Where the queue is: the address of a migrated database, or of Redis. */
  readonly queueUrl: string;
  readonly keyFile: string;
  /** Silent where none is given. */
  readonly logger?: Logger;
}

/** The gateway under test, on a free port and without workers: what it accepts stays in the outbox. */
export async function startTestGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { database, queueUrl, keyFile, logger = silent(), ...more } = parts;
  const store = await openJobStore(queueUrl, logger);
  const readiness = new Readiness({ database, store, needsQueue: false });
  const keys = loadKeys(['sealing', 'webhook', 'pepper', 'proof'], { SALLYPORT_KEYS: keyFile });
  const gateway = await startGateway({
    database,
    readiness,
    keys,
    logger,
    host: '127.0.0.1',
    port: 0,
    webhookAllowPrivate: false,
    ...more,
  });
  return {
    ...gateway,
    async stop() {
      await gateway.stop();
      await store.close();
    },
  };
}

function silent(): Logger {
  const logger = createLogger('test');
  logger.level = process.env['TEST_LOG_LEVEL'] ?? 'silent';
  return logger;
}

/** Calls of a gateway with a key. A body that is text goes as it is. */
export function callsOf(url: string, apiKey: string): Call {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
}
