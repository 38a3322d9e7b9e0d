import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pino } from 'pino';
import { idTime, jobs, type JobName, type QueueName } from '#contracts';
import { openJobStore, openQueues, type QueueDepth } from '#messaging';
import type { Database } from '#persistence';
import { explain } from '#runtime';
import {
  deliveriesSince,
  outboxByJob,
  state,
  tenantsInUse,
  type DeliveryCount,
  type OutboxCount,
  type TenantInUse,
} from './status.sql.js';

export interface InstallationStatus {
  readonly versions: { readonly sallyport: string; readonly node: string; readonly postgresql: string };
  readonly lastMigration: string | null;
  readonly tenants: readonly (TenantInUse & {
    /** Of its users, 0 to 1; null where it has none. */
    readonly twoFactorShare: number | null;
  })[];
  /** By queue; undefined where the queue does not answer, and then `queueFault` says why. */
  readonly queues?: readonly (QueueDepth & {
    /** Age of its oldest job that is not done, those included that wait for their next attempt. */
    readonly oldestSeconds: number;
  })[];
  readonly queueFault?: string;
  readonly deliveriesLastHour: readonly DeliveryCount[];
  readonly oldestUnpublishedSeconds: number;
  readonly oldestUnsealedSeconds: number;
  readonly lockoutsInForce: number;
  readonly smsToday: number;
  /** As the provider told, in the currency of its account. */
  readonly smsCostToday: string;
  readonly jobsSetAside: number;
  readonly eventsSetAside: number;
}

const hourMs = 3_600_000;

/** @param queueUrl where the queues are */
export async function readStatus(database: Database, queueUrl: string): Promise<InstallationStatus> {
  const queues = depthsOf(queueUrl);
  const [seen] = await database.query(state);
  if (!seen) throw new TypeError('The state is one row.');
  const outbox = await database.query(outboxByJob);
  const tenants = await database.query(tenantsInUse);
  const since = idTime('delivery', Date.now() - hourMs);
  return {
    versions: { sallyport: ownVersion(), node: process.versions.node, postgresql: seen.postgresql },
    lastMigration: seen.lastMigration,
    tenants: tenants.map((tenant) => ({ ...tenant, twoFactorShare: shareOf(tenant) })),
    ...(await queues.then(
      (depths) => ({ queues: depths.map((depth) => ({ ...depth, oldestSeconds: oldestOf(outbox, depth.queue) })) }),
      (error: unknown) => ({ queueFault: explain(error) }),
    )),
    deliveriesLastHour: await database.query(deliveriesSince, { since }),
    oldestUnpublishedSeconds: Math.round(seen.unpublishedSeconds),
    oldestUnsealedSeconds: Math.round(seen.unsealedSeconds),
    lockoutsInForce: seen.lockouts,
    smsToday: tenants.reduce((sum, { smsToday }) => sum + smsToday, 0),
    smsCostToday: tenants.reduce((sum, { smsCostToday }) => sum + Number(smsCostToday), 0).toFixed(5),
    jobsSetAside: seen.jobsSetAside,
    eventsSetAside: seen.eventsSetAside,
  };
}

async function depthsOf(url: string): Promise<QueueDepth[]> {
  const store = await openJobStore(url, pino({ level: 'silent' }));
  try {
    const queues = await openQueues(store, () => undefined);
    try {
      return await queues.depths();
    } finally {
      await queues.close();
    }
  } finally {
    await store.close();
  }
}

function shareOf({ users, twoFactor }: TenantInUse): number | null {
  return users === 0 ? null : Math.round((twoFactor / users) * 1000) / 1000;
}

function oldestOf(outbox: readonly OutboxCount[], queue: QueueName): number {
  const own = outbox.filter(({ job }) => job in jobs && jobs[job as JobName].queue === queue);
  return Math.round(Math.max(0, ...own.map(({ oldestSeconds }) => oldestSeconds)));
}

function ownVersion(): string {
  const file = findPackageJSON(import.meta.url);
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
