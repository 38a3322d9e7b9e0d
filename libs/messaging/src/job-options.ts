import type { JobsOptions } from 'bullmq';
import { jobs, type JobName } from '#contracts';

/**
 * BullMQ's options of a job, from the catalogue.
 * @param turn 0 for one that is not in turns
 */
export function jobOptions(job: JobName, jobId: string, turn = 0): JobsOptions {
  const { attempts, backoffMs, priority, keepSeconds } = jobs[job];
  return {
    jobId,
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    priority: priority + turn,
    // By age and not at once, unless the catalogue says so: the same id added again then runs once instead of twice.
    removeOnComplete: keepSeconds.completed === 0 || { age: keepSeconds.completed },
    removeOnFail: keepSeconds.failed === 0 || { age: keepSeconds.failed },
    // A stack trace can quote what the job worked on. It stands in the worker's log, not in the queue.
    stackTraceLimit: 0,
  };
}
