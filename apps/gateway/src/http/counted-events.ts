import type { BeforeApplicationShutdown } from '@nestjs/common';
import { eventsParameter, type Database, type EventContext, type NewEvent } from '#persistence';
import type { Logger } from '#runtime';
import { tellEvents } from './counted-events.sql.js';

/** Kinds that are counted apart at once. Beyond that nothing is told of further ones before one of these is over. */
const kindsAtOnce = 2000;

/** A kind of thing that may happen again and again, of which one event is to tell. */
export interface CountedKind<Facts> {
  /** What sets it apart from others. */
  readonly key: string;
  /** How long what comes after the first is counted before it is told, in ms. */
  readonly everyMs: number;
  readonly context: EventContext;
  /** Two lots as one. */
  readonly join: (before: Facts, later: Facts) => Facts;
  readonly event: (facts: Facts) => NewEvent;
}

interface Count {
  /** Tells what has come since the last event, if anything has. */
  readonly tell: () => Promise<void>;
  readonly add: (facts: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Events of what happens too often for an event each. The first of a kind is told at once; those that follow are counted, and told
 * together after a while and when the process ends. A process that is killed loses the count of that while.
 */
export class CountedEvents implements BeforeApplicationShutdown {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** @returns once the first of its kind is written, or could not be; the others are only counted */
  async note<Facts>(kind: CountedKind<Facts>, facts: Facts): Promise<void> {
    const known = this.counts.get(kind.key);
    if (known) {
      known.add(facts);
      return;
    }
    if (this.counts.size >= kindsAtOnce) return;
    const count = this.begin(kind, facts);
    this.counts.set(kind.key, count);
    await count.tell();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { timer, tell } of this.counts.values()) {
      clearInterval(timer);
      await tell();
    }
    this.counts.clear();
  }

  private begin<Facts>({ key, everyMs, context, join, event }: CountedKind<Facts>, first: Facts): Count {
    let untold: Facts | undefined = first;
    const add = (facts: Facts) => {
      untold = untold === undefined ? facts : join(untold, facts);
    };
    const tell = async () => {
      if (untold === undefined) return;
      const facts = untold;
      untold = undefined;
      try {
        await this.database.query(tellEvents, { events: eventsParameter(context, [event(facts)]) });
      } catch (error) {
        // It refuses no call, and is told with what comes next.
        untold = untold === undefined ? facts : join(facts, untold);
        this.logger.warn({ err: error, kind: key }, 'an event could not be written and will be written later');
      }
    };
    const timer = setInterval(() => {
      if (untold !== undefined) {
        void tell();
        return;
      }
      clearInterval(timer);
      this.counts.delete(key);
    }, everyMs).unref();
    return { add: add as Count['add'], tell, timer };
  }
}
