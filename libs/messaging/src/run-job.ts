import { UnrecoverableError } from 'bullmq';
import { jobs, type JobName, type JobPayload, type QueueName } from '#contracts';
import { faultOf, stopwatch, type Logger, type OpenSpan } from '#runtime';
import { decodeJob, UndecodableJobError } from './decode-job.js';
import type { Handlers, JobHandler } from './jobs.js';
import type { Again } from './look-again.js';
import { spanOfJob } from './traced-jobs.js';

/** The only failure that the queue gets to see: what went wrong by its kind; the words stand in the worker's log. */
export class JobFailedError extends Error {
  override name = 'JobFailedError';

  constructor(cause: unknown) {
    const name = cause instanceof Error && /^\w{1,64}$/.test(cause.name) ? cause.name : 'Error';
    super(`${name}: the handler failed; the worker's log says why`);
  }
}

interface QueuedJob {
  readonly name: string;
  readonly id?: string | undefined;
  readonly data: unknown;
  readonly attemptsMade: number;
  readonly opts?: { readonly telemetry?: { readonly metadata?: string } };
}

/**
 * Runs a job's handler.
 * @throws {UnrecoverableError} where the job can't be understood: it fails for good
 * @throws {JobFailedError} where the handler threw: it is tried again
 */
export async function runJob<Q extends QueueName>(
  queue: Q,
  queued: QueuedJob,
  handlers: Handlers<Q>,
  logger: Logger,
): Promise<void | Again> {
  const about = { queue, job: queued.name, jobId: queued.id };
  const measure = stopwatch('sallyport_job_duration_seconds');
  let decoded;
  try {
    decoded = decodeJob(queue, queued.name, queued.data);
  } catch (error) {
    if (!(error instanceof UndecodableJobError)) throw new JobFailedError(error);
    // Its name is anybody's.
    measure({ queue, job_name: 'unknown', outcome: 'not_understood' });
    logger.error(about, `job failed permanently: ${error.message}`);
    throw new UnrecoverableError(error.message);
  }
  const { job, payload } = decoded;
  const span = spanOfJob(job, queued.id, queued.opts?.telemetry?.metadata, payload.requestId);
  const run = () => handle({ ...decoded, queue, queued, handlers, logger, span });
  return span ? span.within(run) : run();
}

interface Run<Q extends QueueName> extends ReturnType<typeof decodeJob> {
  readonly queue: Q;
  readonly queued: QueuedJob;
  readonly handlers: Handlers<Q>;
  readonly logger: Logger;
  readonly span: OpenSpan | undefined;
}

async function handle<Q extends QueueName>(run: Run<Q>): Promise<void | { readonly retryAt: Date }> {
  const { job, payload, queue, queued, handlers, logger, span } = run;
  const about = { queue, job, jobId: queued.id };
  const measure = stopwatch('sallyport_job_duration_seconds');
  const end = (outcome: 'done' | 'again' | 'failed', fault?: string) => {
    measure({ queue, job_name: job, outcome });
    span?.add({ 'sallyport.outcome': outcome });
    span?.end(fault);
  };
  const handler = (handlers as Partial<Record<JobName, JobHandler<JobName>>>)[job];
  try {
    if (!handler) throw new TypeError(`The job ${job} has no handler.`);
    const again = await handler(payload as JobPayload<JobName>, {
      jobId: queued.id ?? '',
      requestId: payload.requestId,
    });
    end(again ? 'again' : 'done');
    const level = jobs[job].quiet ? 'debug' : 'info';
    logger[level]({ ...about, requestId: payload.requestId, ...again }, again ? 'job will run again' : 'job done');
    return again;
  } catch (error) {
    end('failed', faultOf(error));
    logger.error(
      { ...about, requestId: payload.requestId, attempt: queued.attemptsMade + 1, err: error },
      'job failed',
    );
    throw new JobFailedError(error);
  }
}
