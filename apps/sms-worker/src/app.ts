import type { DeliveryChannel } from '#contracts';
import { deliver, LateAnswers } from '#delivery';
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
  /** How long one that gets no answer is waited for before the next one's turn, in ms. */
  readonly waitMs?: number;
}

/** Sends SMS. Stopping finishes what is on its way; database and queues stay with the caller. */
export async function startSmsWorker(parts: SmsWorkerParts): Promise<RunningApp> {
  const { queues, logger, concurrency = 20 } = parts;
  const late = new LateAnswers();
  const handle = ({ deliveryId }: { deliveryId: string }) => deliver({ ...parts, late }, deliveryId);
  const handlers = { 'deliver-sms': handle, 'deliver-sms-notice': handle };
  const consumer = queues.consume('sms', handlers, { concurrency, logger });
  return {
    stop: async () => {
      await consumer.close();
      await late.end();
    },
  };
}
