import type { DeliveryChannel } from '#contracts';
import { deliver } from '#delivery';
import type { Queues } from '#messaging';
import type { Database, Sealer } from '#persistence';
import type { Logger, RunningApp } from '#runtime';

export interface SmsWorkerParts {
  readonly database: Database;
  readonly queues: Queues;
  readonly sealer: Sealer;
  readonly channel: DeliveryChannel;
  readonly logger: Logger;
  /** Messages on their way at once. An attempt waits for the provider nearly all of its time. */
  readonly concurrency?: number;
}

/** Sends SMS. Stopping finishes what is on its way; database and queues stay with the caller. */
export async function startSmsWorker(parts: SmsWorkerParts): Promise<RunningApp> {
  const { queues, logger, concurrency = 20 } = parts;
  const handle = ({ deliveryId }: { deliveryId: string }) => deliver(parts, deliveryId);
  const handlers = { 'deliver-sms': handle, 'deliver-sms-notice': handle };
  const consumer = queues.consume('sms', handlers, { concurrency, logger });
  return { stop: () => consumer.close() };
}
