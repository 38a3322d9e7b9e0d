import { jobs, type JobName, type JobPayload, type QueueName } from '#contracts';

/** A job that no handler can ever understand. Its message names places and rules, never values. */
export class UndecodableJobError extends Error {
  override name = 'UndecodableJobError';
}

const noSuchJob = 'there is no such job in this queue';
const otherVersion = 'its version is not';

/** Whether a job failed because its worker is older, or newer, than who published it: another worker will understand it. */
export function isForAnotherVersion(failure: string): boolean {
  return failure === noSuchJob || failure.startsWith(otherVersion);
}

/** What stands in the queue for a job: ids, and the version of their shape. */
export function encodeJob<N extends JobName>(job: N, payload: JobPayload<N>): Record<string, unknown> {
  return { version: jobs[job].version, ...payload };
}

/**
 * Reads a job back: the catalogue's version or the one before, so that publishers and workers can be updated one by one.
 * @throws {UndecodableJobError}
 */
export function decodeJob(
  queue: QueueName,
  name: string,
  data: unknown,
): { job: JobName; payload: JobPayload<JobName> } {
  if (!Object.hasOwn(jobs, name) || jobs[name as JobName].queue !== queue) {
    throw new UndecodableJobError(noSuchJob);
  }
  const job = name as JobName;
  const { version, ...fields } = (data ?? {}) as Record<string, unknown>;
  const current = jobs[job].version;
  if (version !== current && version !== current - 1) {
    throw new UndecodableJobError(`${otherVersion} ${current} or the one before`);
  }
  const result = jobs[job].payload.safeParse(fields);
  if (result.success) return { job, payload: result.data };
  // Zod's words can quote keys and values that someone put there: only where and which rule.
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'payload'} (${issue.code})`);
  throw new UndecodableJobError(`its payload does not parse: ${faults.join(', ')}`);
}
