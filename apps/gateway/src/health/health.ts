import type { Queues } from '#messaging';
import type { Database } from '#persistence';
import { z } from 'zod';

export const readinessAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({ database: z.boolean(), queue: z.boolean(), clock: z.boolean() }),
});
export type Readiness = z.infer<typeof readinessAnswer>;

/** Guarantees, mechanism 10. */
const clockToleranceMs = 15_000;
const patienceMs = 2000;

/**
 * Whether this process can do its work. The queue is told but does not count: a gateway goes on without it, and what it
 * accepted is delivered later.
 */
export class Health {
  private draining = false;

  constructor(
    private readonly database: Database,
    private readonly queues: Queues,
  ) {}

  /** From now on not ready, so that a load balancer looks elsewhere. */
  drain(): void {
    this.draining = true;
  }

  async readiness(): Promise<Readiness> {
    const [now, queue] = await Promise.all([within(this.database.now()), within(this.queues.ping().then(() => true))]);
    const clock = now !== undefined && Math.abs(Date.now() - now.getTime()) <= clockToleranceMs;
    const ready = now !== undefined && clock && !this.draining;
    return {
      status: ready ? 'ready' : 'not_ready',
      checks: { database: now !== undefined, queue: queue === true, clock },
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
