import { createApiKey, scopes } from '#persistence';
import { AppProcess, type AppName } from '../faults/app-process.js';
import { callsOf, type Call } from './gateway.js';
import { ends, keyFile, store, urlOf } from './worker-roles.js';

const keys = JSON.parse(keyFile) as Record<string, unknown>;
const only = (...kinds: string[]) => JSON.stringify(Object.fromEntries(kinds.map((kind) => [kind, keys[kind]])));

const needed: Partial<Record<AppName, readonly string[]>> = {
  gateway: ['sealing', 'webhook', 'pepper', 'proof'],
  'sms-worker': ['sealing'],
};

/** Traces soon after they happened. */
export const tracedBy = (collectorUrl: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
  OTEL_BSP_SCHEDULE_DELAY: '100',
});

/** Starts a process under its role, which ends with the test. */
export async function startProcess(name: AppName, env: Readonly<Record<string, string>>): Promise<AppProcess> {
  const kinds = needed[name];
  const app = new AppProcess(name, {
    DATABASE_URL: urlOf(`sallyport_${name.replaceAll('-', '_')}`),
    ...(kinds && { SALLYPORT_KEYS: only(...kinds) }),
    ...(name === 'gateway' && { PORT: '0', SHUTDOWN_DELAY_SECONDS: '0' }),
    ...env,
  });
  ends.push(() => app.end('SIGTERM'));
  await app.start();
  return app;
}

/** Calls of the tenant `tnt_1`. */
export async function tenantOf(gateway: AppProcess): Promise<{ readonly apiKey: string; readonly call: Call }> {
  const created = await createApiKey(store.database, { tenantId: 'tnt_1', name: 'test', scopes });
  if (!created) throw new Error('No such tenant.');
  return { apiKey: created.key, call: callsOf(gateway.url, created.key) };
}
