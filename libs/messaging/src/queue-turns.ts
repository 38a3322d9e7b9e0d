import type { Job, Queue } from 'bullmq';
import { jobs, type JobName } from '#contracts';
import type { Publication } from './jobs.js';
import { Turns } from './turns.js';

/** Jobs at the head of a queue that are looked at. Those that were begun before and wait again keep the turn they had. */
const looked = 10;

/** Turns in one queue, of codes and of notices apart: each priority of the catalogue has its own. */
export class QueueTurns {
  private readonly byPriority = new Map<number, Turns>();

  constructor(private readonly queue: Pick<Queue, 'getJobs'>) {}

  /**
   * @returns the turn of each job; 0 of one that is in no line
   * @throws where the queue does not answer
   */
  async take(list: readonly Publication[]): Promise<readonly number[]> {
    const inLine = list.filter(({ line }) => line !== undefined);
    if (inLine.length === 0) return list.map(() => 0);
    const head = await this.queue.getJobs(['prioritized'], 0, looked - 1, true);
    for (const priority of new Set(inLine.map(({ job }) => jobs[job].priority))) this.begin(priority, head);
    return list.map(({ job, line }) => (line === undefined ? 0 : this.of(jobs[job].priority).take(line)));
  }

  private of(priority: number): Turns {
    const turns = this.byPriority.get(priority) ?? new Turns();
    this.byPriority.set(priority, turns);
    return turns;
  }

  private begin(priority: number, head: readonly Job[]): void {
    const own = head.filter(({ name }) => jobs[name as JobName]?.priority === priority);
    const next = own.find(({ attemptsStarted }) => attemptsStarted === 0) ?? own.at(-1);
    const last = head.at(-1);
    // Behind a head of codes nobody sees how far notices are. They are as far as before: none of them is served.
    const unseen = next === undefined && head.length === looked && last !== undefined && last.priority < priority;
    if (!unseen) this.of(priority).begin(next ? Math.max(0, next.priority - priority) : 0);
  }
}
