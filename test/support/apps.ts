import 'reflect-metadata';
import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AuditHealth,
  AuditWorkerModule,
  SealLoop,
  type AuditWorkerParts,
} from '../../apps/audit-worker/src/audit-worker.module.js';
import { EmailWorkerModule } from '../../apps/email-worker/src/email-worker.module.js';
import { LockoutWorkerModule, type LockoutWorkerParts } from '../../apps/lockout-worker/src/lockout-worker.module.js';
import { PublishLoop, RelayHealth, RelayModule } from '../../apps/relay/src/relay.module.js';
import { SmsWorkerModule } from '../../apps/sms-worker/src/sms-worker.module.js';
import { WebhookWorkerModule, type WebhookWorkerParts } from '../../apps/webhook-worker/src/webhook-worker.module.js';
import type { DeliveryWorkerParts } from '#delivery';
import type { Database } from '#persistence';
import type { Logger, RunningApp } from '#runtime';
import { CoreModule, Readiness, startApps, type AppHealth, type RunningApps } from '#process';
import type { Queues } from './queues.js';

/** What a process gives its app; it stays with the test, which closes it. */
interface Opened {
  readonly database: Database;
  readonly queues: Queues;
  readonly logger: Logger;
}

interface Watched extends RunningApp {
  wake(): void;
  health(database?: Database): Promise<AppHealth>;
}

export async function startRelay(opened: Opened): Promise<Watched> {
  const { database } = opened;
  const apps = await start(opened, RelayModule.with(opened));
  return {
    stop: apps.stop,
    wake: () => apps.get(PublishLoop).wake(),
    health: (looks = database) => apps.get(RelayHealth).look(looks),
  };
}

export const startSmsWorker = ({ database, queues, ...parts }: Opened & DeliveryWorkerParts): Promise<RunningApp> =>
  start({ database, queues, logger: parts.logger }, SmsWorkerModule.with(parts));

export const startEmailWorker = ({ database, queues, ...parts }: Opened & DeliveryWorkerParts): Promise<RunningApp> =>
  start({ database, queues, logger: parts.logger }, EmailWorkerModule.with(parts));

export const startLockoutWorker = ({ database, queues, ...parts }: Opened & LockoutWorkerParts): Promise<RunningApp> =>
  start({ database, queues, logger: parts.logger }, LockoutWorkerModule.with(parts));

export const startWebhookWorker = ({ database, queues, ...parts }: Opened & WebhookWorkerParts): Promise<RunningApp> =>
  start({ database, queues, logger: parts.logger }, WebhookWorkerModule.with(parts));

/** What the origins of logs begin with. */
export const auditOrigin = 'sallyport.test/audit';

/** Without queues it looks by itself, and here more often than an operator's. */
export async function startAuditWorker(
  parts: Omit<AuditWorkerParts, 'origin'> & { readonly database: Database; readonly queues?: Queues },
): Promise<Watched> {
  const { database, queues, logger } = parts;
  const module = AuditWorkerModule.with({ lookEveryMs: 250, origin: auditOrigin, ...parts });
  const apps = queues
    ? await start({ database, queues, logger }, module)
    : await startAlone({ database, logger }, module);
  return {
    stop: apps.stop,
    wake: () => apps.get(SealLoop).wake(),
    health: (looks = database) => apps.get(AuditHealth).look(looks),
  };
}

function start({ database, queues, logger }: Opened, app: DynamicModule): Promise<RunningApps> {
  const readiness = new Readiness({ database, needsQueue: false });
  return startApps({ database, store: queues.store, readiness, logger }, [app]);
}

/** Without any queues. */
async function startAlone({ database, logger }: Omit<Opened, 'queues'>, app: DynamicModule): Promise<RunningApps> {
  const readiness = new Readiness({ database, needsQueue: false });
  const core = CoreModule.with({ database, readiness, logger });
  const root = { module: class Alone {}, imports: [core, app] };
  const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  return { get: context.get.bind(context) as RunningApps['get'], stop: () => context.close() };
}
