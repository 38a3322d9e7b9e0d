import type { JobsOptions } from 'bullmq';
import { jobs, type JobName } from '#contracts';
import { tracing, type OpenSpan } from '#runtime';
import type { Publication } from './jobs.js';

const queueOf = (job: JobName) =>
  ({ 'messaging.system': 'bullmq', 'messaging.destination.name': jobs[job].queue }) as const;

/** A span for each job that is part of a trace, by the job's id: one publication takes jobs of many. */
export function spansOfPublication(list: readonly Publication[]): ReadonlyMap<string, OpenSpan> {
  const spans = new Map<string, OpenSpan>();
  const traces = tracing();
  if (!traces) return spans;
  for (const { job, id, traceparent, payload } of list) {
    if (traceparent === undefined) continue;
    const facts = {
      ...queueOf(job),
      'messaging.operation.type': 'send',
      'messaging.message.id': id,
      'sallyport.request_id': payload.requestId,
    };
    spans.set(id, traces.goOn(traceparent, { name: `publish ${job}`, kind: 'producer', facts }));
  }
  return spans;
}

/** Where BullMQ has the trace of a job, in the form of its own telemetry (read in bullmq-otel 2.0.1): whoever else looks at the job finds it. */
export function traceOptions(traceparent: string | undefined): Pick<JobsOptions, 'telemetry'> {
  return traceparent === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent }) } };
}

/**
 * The span of a run of a job, below what published it; undefined where traces are off. A job that only wakes a loop has none: the
 * loop has.
 */
export function spanOfJob(
  job: JobName,
  id: string | undefined,
  metadata: unknown,
  requestId: string | undefined,
): OpenSpan | undefined {
  const traces = tracing();
  const { queue } = jobs[job];
  if (!traces || queue === 'audit') return undefined;
  const facts = {
    ...queueOf(job),
    'messaging.operation.type': 'process',
    'messaging.message.id': id,
    'sallyport.request_id': requestId,
  };
  return traces.goOn(traceparentIn(metadata), { name: job, kind: 'consumer', facts });
}

/** Anybody who writes to the queue writes this, too. */
function traceparentIn(metadata: unknown): unknown {
  if (typeof metadata !== 'string') return undefined;
  try {
    return (JSON.parse(metadata) as { traceparent?: unknown } | null)?.traceparent;
  } catch {
    return undefined;
  }
}
