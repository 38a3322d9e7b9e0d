import { Sealer } from '#persistence';
import { startApps, startHealthServer, type RunningApps } from '#process';
import { optionalSetting, requiredSetting, type HttpServer } from '#runtime';
import {
  auditStateDir,
  AuditWorkerModule,
  readCollectors,
  readWitnesses,
} from '../../../audit-worker/src/audit-worker.module.js';
import { EmailWorkerModule } from '../../../email-worker/src/email-worker.module.js';
import { startGateway } from '../../../gateway/src/app.js';
import { LockoutWorkerModule } from '../../../lockout-worker/src/lockout-worker.module.js';
import { PublishLoop, RelayModule } from '../../../relay/src/relay.module.js';
import { SmsWorkerModule } from '../../../sms-worker/src/sms-worker.module.js';
import { WebhookWorkerModule } from '../../../webhook-worker/src/webhook-worker.module.js';
import type { Channels } from './channels.js';
import type { Home } from './take-home.js';
import type { Start } from './steps.js';
import type { Stores } from './stores.js';

/** Relay and workers, in one application context. */
export function startWorkers(
  { steps, logger }: Start,
  { keys }: Home,
  stores: Stores,
  channels: Channels,
): Promise<RunningApps> {
  const sealer = new Sealer(keys.sealing);
  const modules = [
    RelayModule.with({ logger: logger('relay') }),
    SmsWorkerModule.with({ sealer, routes: channels.sms, logger: logger('sms-worker') }),
    EmailWorkerModule.with({ sealer, routes: channels.email, logger: logger('email-worker') }),
    LockoutWorkerModule.with({ sealer, logger: logger('lockout-worker') }),
    WebhookWorkerModule.with({
      sealer: new Sealer(keys.webhook),
      allowPrivate: requiredSetting('WEBHOOK_ALLOW_PRIVATE'),
      logger: logger('webhook-worker'),
    }),
    AuditWorkerModule.with({
      checkpointKey: keys.checkpoint,
      // Nobody else's log has to be told from this one until somebody says what it is called.
      origin: optionalSetting('AUDIT_ORIGIN') ?? 'localhost/audit',
      stateDir: auditStateDir(),
      witnesses: readWitnesses(keys.checkpoint),
      collectors: readCollectors(),
      logger: logger('audit-worker'),
    }),
  ];
  return steps.take(
    'relay and workers',
    10_500,
    () => startApps({ ...stores, logger: logger('standalone') }, modules),
    (started) => started.stop(),
  );
}

/** Health and figures of the process, on an address of their own. */
export function startMetrics({ steps, logger }: Start, { readiness }: Stores): Promise<HttpServer> {
  const settings = { host: 'METRICS_HOST', port: 'METRICS_PORT' } as const;
  const address = { host: requiredSetting(settings.host), port: requiredSetting(settings.port), settings };
  return steps.take(
    'metrics',
    1200,
    () => startHealthServer(address, readiness, logger('gateway')),
    (started) => started.stop(),
  );
}

/** The gateway, which wakes the relay for what it has accepted. */
export function startApi(
  { steps, logger }: Start,
  { keys }: Home,
  { database, readiness }: Stores,
  workers: RunningApps,
): ReturnType<typeof startGateway> {
  const publishing = workers.get(PublishLoop);
  return steps.take(
    'gateway',
    7000,
    () =>
      startGateway({
        database,
        readiness,
        keys,
        logger: logger('gateway'),
        host: requiredSetting('HOST'),
        port: requiredSetting('PORT'),
        webhookAllowPrivate: requiredSetting('WEBHOOK_ALLOW_PRIVATE'),
        onWork: () => publishing.wake(),
        // Nobody balances here; whoever keeps a connection is told to end it.
        shutdownDelayMs: 300,
      }),
    (started) => started.stop(),
  );
}
