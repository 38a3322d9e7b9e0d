import type { DeliveryChannel } from '#contracts';
import { deliver, LateAnswers } from '#delivery';
import type { Queues } from '#messaging';
import type { Database, Sealer } from '#persistence';
import type { Logger, RunningApp } from '#runtime';

export interface EmailWorkerParts {
  readonly database: Database;
  readonly queues: Queues;
  readonly sealer: Sealer;
  readonly channel: DeliveryChannel;
  readonly logger: Logger;
  /** Messages on their way at once. An attempt waits for the mail server nearly all of its time. */
  readonly concurrency?: number;
  /** How long one that gets no answer is waited for before the next one's turn, in ms. */
  readonly waitMs?: number;
}

/** Sends mail: codes and notices. Stopping finishes what is on its way; database and queues stay with the caller. */
export async function startEmailWorker(parts: EmailWorkerParts): Promise<RunningApp> {
  const { queues, logger, concurrency = 20 } = parts;
  const late = new LateAnswers();
  const handle = ({ deliveryId }: { deliveryId: string }) => deliver({ ...parts, late }, deliveryId);
  const handlers = { 'deliver-email': handle, 'deliver-notice': handle };
  const consumer = queues.consume('email', handlers, { concurrency, logger });
  return {
    stop: async () => {
      await consumer.close();
      await late.end();
    },
  };
}
