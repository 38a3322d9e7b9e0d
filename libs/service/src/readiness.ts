import type { Queues } from '#messaging';
import type { Database } from '#persistence';
import { z } from 'zod';

export const readinessAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({
    database: z.boolean(),
    queue: z.boolean().optional(),
    clock: z.boolean(),
    sealing: z.boolean().optional().meta({ description: 'Events get into the audit log in time' }),
    signing: z.boolean().optional().meta({ description: 'Every audit log is signed' }),
  }),
  reasons: z.array(z.string()).optional().meta({ description: 'What is wrong with sealing or signing' }),
  setAside: z
    .object({
      events: z.int().optional().meta({ description: 'Events that the audit log could not take' }),
      jobs: z.int().optional().meta({ description: 'Jobs that always failed' }),
    })
    .optional()
    .meta({ description: 'What waits for an operator; the rest goes on' }),
});
export type ReadinessAnswer = z.infer<typeof readinessAnswer>;

/** How far this process's clock may be off before it stops charging attempts, and is not ready. */
export const clockToleranceMs = 15_000;

/** @param now the database's time */
export function isClockRight(now: Date): boolean {
  return Math.abs(Date.now() - now.getTime()) <= clockToleranceMs;
}

const patienceMs = 2000;

/** What an app knows of its own work. */
export interface AppHealth {
  /** One that is false makes the process not ready. */
  readonly checks?: { readonly sealing?: boolean; readonly signing?: boolean };
  /** Why, for each that is false. */
  readonly reasons?: readonly string[];
  /** What waits for an operator and stops nobody. */
  readonly setAside?: { readonly events?: number; readonly jobs?: number };
}

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
  private readonly apps: (() => Promise<AppHealth>)[] = [];

  constructor(private readonly parts: ReadinessParts) {}

  /** From now on not ready, so that a load balancer looks elsewhere. */
  drain(): void {
    this.draining = true;
  }

  /** From now on an app of this process is asked too. */
  watch(health: () => Promise<AppHealth>): void {
    this.apps.push(health);
  }

  async look(): Promise<ReadinessAnswer> {
    const { database, queues, needsQueue } = this.parts;
    const [now, queue, ...told] = await Promise.all([
      within(database.now()),
      queues && within(queues.ping().then(() => true)),
      ...this.apps.map((health) => within(health())),
    ]);
    const clock = now !== undefined && isClockRight(now);
    const own = Object.assign({}, ...told.map((app) => app?.checks)) as NonNullable<AppHealth['checks']>;
    const reasons = told.flatMap((app) => app?.reasons ?? []);
    const setAside = Object.assign({}, ...told.map((app) => app?.setAside)) as NonNullable<AppHealth['setAside']>;
    const sound = Object.values(own).every((check) => check);
    const ready = now !== undefined && clock && (queue === true || !needsQueue) && sound && !this.draining;
    return {
      status: ready ? 'ready' : 'not_ready',
      checks: { database: now !== undefined, ...(queues && { queue: queue === true }), clock, ...own },
      ...(reasons.length > 0 && { reasons }),
      ...(Object.keys(setAside).length > 0 && { setAside }),
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
