import { deliver, type DeliverParts } from './deliver.js';
import { LateAnswers } from './late-answers.js';
import { SharedStatements } from './shared-statements.js';

/** What a worker delivers with, besides the database. */
export type DelivererParts = Pick<DeliverParts, 'sealer' | 'routes' | 'waitMs'>;

/** Delivers by the routes of one channel, and remembers the answers that a provider still owes. */
export class Deliverer {
  private readonly late = new LateAnswers();
  private readonly shared: SharedStatements;

  constructor(private readonly parts: Omit<DeliverParts, 'late' | 'shared'>) {
    this.shared = new SharedStatements(parts.database);
    parts.routes.onState((route, state, pauseMs) => {
      if (state === 'open')
        parts.logger.warn({ route, probeInMs: pauseMs }, 'a route fails and is left alone: the next one sends');
      else parts.logger.info({ route }, 'a route answers again and is used');
    });
  }

  /** See `deliver`. */
  deliver(deliveryId: string): ReturnType<typeof deliver> {
    return deliver({ ...this.parts, shared: this.shared, late: this.late }, deliveryId);
  }

  /** Waits for answers that are late, each of which spares a repeat: 10 s at most. Nothing is sent afterwards. */
  async end(): Promise<void> {
    await this.late.end();
    this.parts.routes.close();
  }
}
