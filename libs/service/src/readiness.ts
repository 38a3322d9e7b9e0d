import type { Queues } from '#messaging';
import type { Database } from '#persistence';
import { z } from 'zod';

export const readinessAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({ database: z.boolean(), queue: z.boolean().optional(), clock: z.boolean() }),
});
export type ReadinessAnswer = z.infer<typeof readinessAnswer>;

/** How far this process's clock may be off before it stops charging attempts, and is not ready. */
const clockToleranceMs = 15_000;

/** @param now the database's time */
export function isClockRight(now: Date): boolean {
  return Math.abs(Date.now() - now.getTime()) <= clockToleranceMs;
}

const patienceMs = 2000;

export interface ReadinessParts {
  readonly database: Database;
  /** Left out by a process that has none. */
  readonly queues?: Queues | undefined;
  /** Whether it can do nothing without the queue. The gateway can: what it accepts is delivered later. */
  readonly needsQueue: boolean;
}

/** Whether this process can do its work. */
export class Readiness {
  private draining = false;

  constructor(private readonly parts: ReadinessParts) {}

  /** From now on not ready, so that a load balancer looks elsewhere. */
  drain(): void {
    this.draining = true;
  }

  async look(): Promise<ReadinessAnswer> {
    const { database, queues, needsQueue } = this.parts;
    const [now, queue] = await Promise.all([within(database.now()), queues && within(queues.ping().then(() => true))]);
    const clock = now !== undefined && isClockRight(now);
    const ready = now !== undefined && clock && (queue === true || !needsQueue) && !this.draining;
    return {
      status: ready ? 'ready' : 'not_ready',
      checks: { database: now !== undefined, ...(queues && { queue: queue === true }), clock },
    };
  }
}

async function within<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
