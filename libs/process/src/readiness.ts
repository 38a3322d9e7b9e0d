import type { JobStore } from '#messaging';
import { knownQueueStore, type Database, type PoolState } from '#persistence';
import { explainConnection, late, within } from '#runtime';
import { z } from 'zod';
import { look } from './readiness.sql.js';

export const readinessAnswer = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({
    database: z.boolean().meta({ description: 'PostgreSQL responds and accepts writes' }),
    queue: z
      .boolean()
      .optional()
      .meta({ description: 'The queue accepts jobs, and the relay publishes to the same queue' }),
    clock: z.boolean(),
    keys: z.boolean().optional().meta({ description: 'The keys match the database' }),
    disk: z.boolean().optional().meta({ description: 'There is enough disk space' }),
    publishing: z.boolean().optional().meta({ description: 'Jobs move from the outbox to the queue in time' }),
    sealing: z.boolean().optional().meta({ description: 'Events are sealed into the audit log in time' }),
    signing: z.boolean().optional().meta({ description: 'Every audit log is signed' }),
    witnessing: z
      .boolean()
      .optional()
      .meta({ description: 'Every witness cosigns the checkpoints of every audit log' }),
    pushing: z.boolean().optional().meta({ description: 'Every collector of AUDIT_COLLECTORS takes events' }),
  }),
  reasons: z.array(z.string()).optional().meta({ description: 'What is wrong, and how to fix it' }),
  setAside: z
    .object({
      events: z.int().optional().meta({ description: 'Events that could not be sealed into the audit log' }),
      jobs: z.int().optional().meta({ description: 'Jobs that failed on every attempt' }),
    })
    .optional()
    .meta({ description: 'What an operator has to look at. Everything else continues' }),
});
export type ReadinessAnswer = z.infer<typeof readinessAnswer>;

/** How far this process's clock may be off before it stops charging attempts, and is not ready. */
export const clockToleranceMs = 15_000;

/** @param now the database's time */
export function isClockRight(now: Date): boolean {
  return Math.abs(Date.now() - now.getTime()) <= clockToleranceMs;
}

/** Longest wait for each answer. */
export const patienceMs = 2000;

/** PostgreSQL has said that its disk is full: believed for this long, as it says so at the next write that needs room. */
const diskFullSeconds = 20;

type OwnChecks = Partial<
  Record<'keys' | 'disk' | 'publishing' | 'sealing' | 'signing' | 'witnessing' | 'pushing', boolean>
>;

/** What an app knows of its own work. */
export interface AppHealth {
  /** One that is false makes the process not ready. */
  readonly checks?: OwnChecks;
  /** Work of other processes that this one sees stand still: told, and no reason to take this one out. */
  readonly others?: OwnChecks;
  /** Why, for each that is false. */
  readonly reasons?: readonly string[];
  /** What waits for an operator and stops nobody. */
  readonly setAside?: { readonly events?: number; readonly jobs?: number };
}

export interface ReadinessParts {
  /** To look with. One of its own, so that an overload of the others does not look like a lost database. */
  readonly database: Database;
  /** The one that the process works with, where that is another. */
  readonly working?: Database;
  /** Where the queues are; left out by a process that has none. */
  readonly store?: Pick<JobStore, 'probe'>;
  /** Whether it can do nothing without the queue. The gateway can: what it accepts is delivered later. */
  readonly needsQueue: boolean;
}

interface Found {
  readonly well: boolean;
  readonly reasons: readonly string[];
}

/** Whether this process can do its work. */
export class Readiness {
  private draining = false;
  private readonly apps: ((database: Database) => Promise<AppHealth>)[] = [];
  private looking: Promise<ReadinessAnswer> | undefined;
  private clockDifferenceMs: number | undefined;

  constructor(private readonly parts: ReadinessParts) {}

  /** From now on not ready, so that a load balancer looks elsewhere. */
  drain(): void {
    this.draining = true;
  }

  /** From now on an app of this process is asked too, with a database to look with. */
  watch(health: (database: Database) => Promise<AppHealth>): void {
    this.apps.push(health);
  }

  /** By how much this process's clock is ahead of PostgreSQL's, in seconds, as it was last seen; NaN before. */
  get clockDifferenceSeconds(): number {
    return (this.clockDifferenceMs ?? NaN) / 1000;
  }

  /** Connections that the process works with. */
  get pool(): PoolState {
    const { database, working = database } = this.parts;
    return working.pool;
  }

  /** Callers that come in the meantime get the same answer: anybody may ask, and each check takes the one connection. */
  async look(): Promise<ReadinessAnswer> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    const answer = await this.looking;
    // It may have been asked for before the end began.
    return this.draining ? { ...answer, status: 'not_ready' } : answer;
  }

  private async lookOnce(): Promise<ReadinessAnswer> {
    const { database, store, needsQueue } = this.parts;
    const [seen, queue, ...told] = await Promise.all([
      answerOf(this.lookAtDatabase()),
      store && this.lookAtQueue(store),
      ...this.apps.map((health) => answerOf(health(database))),
    ]);
    const now = typeof seen === 'string' ? undefined : seen;
    const apps = told.filter((app) => typeof app !== 'string');
    const clock = now !== undefined && isClockRight(now.now);
    const full = this.saidDiskFull();
    const checks: OwnChecks = Object.assign({}, ...apps.map((app) => app.checks), full && { disk: false });
    const others: OwnChecks = Object.assign({}, ...apps.map((app) => app.others));
    const writable = now !== undefined && !now.readOnly;
    const reasons = [
      ...(now === undefined ? [`PostgreSQL: ${String(seen)}`] : []),
      ...(now?.readOnly ? ['PostgreSQL accepts no writes: it is a standby, or was set to read-only'] : []),
      ...(now && !clock ? ["this process's clock and PostgreSQL's differ by more than 15 s"] : []),
      ...(queue?.reasons ?? []),
      ...(full ? ["PostgreSQL's disk is full"] : []),
      ...apps.flatMap((app) => app.reasons ?? []),
    ];
    const setAside = Object.assign({}, ...apps.map((app) => app.setAside)) as NonNullable<AppHealth['setAside']>;
    const sound = Object.values(checks).every((check) => check);
    const ready = writable && clock && (queue?.well === true || !needsQueue) && sound && !this.draining;
    return {
      status: ready ? 'ready' : 'not_ready',
      checks: { database: writable, ...(queue && { queue: queue.well }), clock, ...others, ...checks },
      ...(reasons.length > 0 && { reasons }),
      ...(Object.keys(setAside).length > 0 && { setAside }),
    };
  }

  /** Which moment of ours the database's is compared with: the middle between question and answer. */
  private async lookAtDatabase() {
    const asked = Date.now();
    const seen = await this.parts.database.one(look);
    if (seen) this.clockDifferenceMs = (asked + Date.now()) / 2 - seen.now.getTime();
    return seen;
  }

  private saidDiskFull(): boolean {
    const { database, working = database } = this.parts;
    return Math.min(working.secondsSinceDiskFull, database.secondsSinceDiskFull) < diskFullSeconds;
  }

  private async lookAtQueue(queues: Pick<JobStore, 'probe'>): Promise<Found> {
    const [own, known] = await Promise.all([
      answerOf(queues.probe().then((store) => ({ store }))),
      answerOf(knownQueueStore(this.parts.database).then((store) => ({ store }))),
    ]);
    if (typeof own === 'string') return { well: false, reasons: [`the queue: ${own}`] };
    const other = typeof known !== 'string' && known.store !== undefined && known.store !== own.store;
    return {
      well: !other,
      reasons: other
        ? ['QUEUE_URL of this process is not the queue of the relay. Use the same one for all processes']
        : [],
    };
  }
}

/** @returns the answer, or why there is none, in words */
async function answerOf<T extends object | undefined>(work: Promise<T>): Promise<T | string> {
  try {
    const answer = await within(patienceMs, work);
    return answer === late ? `no answer within ${patienceMs / 1000} s` : answer;
  } catch (error) {
    if (error instanceof Error && 'saysAll' in error) return error.message;
    return explainConnection(error) ?? 'the check failed';
  }
}
