import type { JobName, jobs, JobPayload, QueueName } from '#contracts';
import type { Again } from './look-again.js';

/** Jobs of one queue. */
type JobsOf<Q extends QueueName> = {
  [N in JobName]: (typeof jobs)[N]['queue'] extends Q ? N : never;
}[JobName];

/** A job on its way to its queue. A job id that the queue still knows is ignored when it comes again. */
export type Publication = {
  [N in JobName]: {
    readonly job: N;
    readonly id: string;
    readonly payload: JobPayload<N>;
    /** Whose it is: jobs of one take turns with those of the others. Without it, it stands before all that are in turns. */
    readonly line?: string | undefined;
    /** Where its trace goes on, as W3C Trace Context has it. Without one it begins a trace of its own. */
    readonly traceparent?: string | undefined;
  };
}[JobName];

/** A job that was published. */
export type Published = Pick<Publication, 'job' | 'id'>;

interface JobContext {
  readonly jobId: string;
  /** The request that started it, to join one login across all processes. */
  readonly requestId: string | undefined;
}

/**
 * Does a job. It may run more than once, also at the same time as another run of it: the database decides what counts.
 * @returns nothing when the job is done, or when to run it again without counting an attempt
 */
export type JobHandler<N extends JobName> = (payload: JobPayload<N>, context: JobContext) => Promise<void | Again>;

/** A handler for every job of the queue: one left out does not compile. */
export type Handlers<Q extends QueueName> = { readonly [N in JobsOf<Q>]: JobHandler<N> };
