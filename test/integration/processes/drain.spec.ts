import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createApiKey, createTenant } from '#persistence';
import { createLogger, generateKeyFile, loadKeys } from '#runtime';
import { Readiness } from '#process';
import { startGateway, type RunningGateway } from '../../../apps/gateway/src/app.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { openQueues } from '../../support/queues.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly connection: string;
}

const logger = createLogger('test');
logger.level = 'silent';
const keys = loadKeys(['sealing', 'webhook', 'pepper', 'proof'], { SALLYPORT_KEYS: generateKeyFile() });

describe('a gateway that is to stop while clients keep their connections', () => {
  let store: TestDatabase;
  let gateway: RunningGateway;
  let apiKey: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    store = await createTestDatabase();
    const { database } = store;
    const queues = await openQueues(store.url, logger);
    ends.push(
      () => store.close(),
      () => queues.close(),
    );
    const readiness = new Readiness({ database, store: queues, needsQueue: false });
    const shutdownDelayMs = 500;
    gateway = await startGateway({
      database,
      readiness,
      keys,
      logger,
      webhookAllowPrivate: false,
      host: '127.0.0.1',
      port: 0,
      shutdownDelayMs,
    });
    ({ apiKey } = await tenantKey(store));
  });
  afterEach(async () => {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
  });

  const call = (agent: Agent, path: string, method = 'GET', body?: string) =>
    new Promise<Answer>((done, fail) => {
      const headers = {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const asked = request(new URL(path, gateway.url), { agent, method, headers }, (response) => {
        response.resume().once('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          done({ status, type: answered['content-type'] ?? '', connection: answered.connection ?? '' });
        });
        response.once('error', fail);
      });
      asked.once('error', fail);
      asked.end(body);
    });

  it('says that it is not ready, answers every call meanwhile, and cuts nobody off', async () => {
    const answers: Answer[] = [];
    const faults: string[] = [];
    let stopping = false;
    /** Calls one after the other on a connection that is kept, until nobody listens any more. */
    const client = async (path: string, method?: string, body?: string) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        try {
          answers.push(await call(agent, path, method, body));
        } catch (error) {
          const { code = '' } = error as NodeJS.ErrnoException;
          // After the end there is nobody to connect to; before it, this is a call that was lost.
          if (code !== 'ECONNREFUSED' || !stopping) faults.push(code);
          break;
        }
      }
      agent.destroy();
    };
    const clients = [
      ...Array.from({ length: 4 }, () => client('/v1/accounts')),
      ...Array.from({ length: 4 }, (_, index) => client(`/v1/accounts/a${index}`, 'PUT', '{"name":"A"}')),
    ];
    while (answers.length < 40) await call(new Agent(), '/healthz');
    stopping = true;
    const before = answers.length;
    const stopped = gateway.stop();
    const fresh = new Agent({ keepAlive: false });
    expect(await call(fresh, '/readyz')).toMatchObject({ status: 503 });
    // Told elsewhere by then; whoever comes all the same is served.
    expect(await call(fresh, '/v1/accounts')).toMatchObject({ status: 200, connection: 'close' });
    await stopped;
    await Promise.all(clients);

    expect(faults).toEqual([]);
    expect(answers.length).toBeGreaterThan(before);
    const odd = answers.filter(({ status }) => status >= 300);
    expect(odd.filter(({ type }) => !type.startsWith('application/problem+json'))).toEqual([]);
    expect(odd.filter(({ status }) => status !== 503)).toEqual([]);
    expect(answers.at(-1)).toMatchObject({ connection: 'close' });
  });
});

async function tenantKey(store: TestDatabase): Promise<{ apiKey: string }> {
  const { tenantId } = await createTenant(store.database, { name: 'Panel' });
  const created = await createApiKey(store.database, { tenantId, name: 'panel', scopes: ['accounts'] });
  return { apiKey: created?.key ?? '' };
}
