import type { SpanFact } from './span-facts.js';

/** Facts of a span by their names; what is null or undefined is left out. */
export type SpanFacts = { readonly [Fact in SpanFact]?: string | number | null | undefined };

export interface NewSpan {
  /** One of few: ids of people stand in no name. */
  readonly name: string;
  /** As OpenTelemetry has them: who answers, who asks, who puts a job into a queue, who takes it, and what is none of these. */
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  readonly facts?: SpanFacts;
}

/** A span that has begun. */
export interface OpenSpan {
  /** Its place for whoever goes on in another process: a `traceparent` of W3C Trace Context, of 55 characters. */
  readonly traceparent: string;
  /** Runs work whose spans stand below this one. */
  within<T>(work: () => T): T;
  add(facts: SpanFacts): void;
  /** @param fault a short name of what went wrong; never words, which can quote what was worked on */
  end(fault?: string): void;
}

/** How a process tells what it does, span by span. */
export interface Tracing {
  /** Begins a span below the one whose work this is; without one it is the first of a trace of its own. */
  begin(span: NewSpan): OpenSpan;
  /** Begins a span only where it has one to stand below: what goes on all the time makes no traces of its own. */
  beginBelow(span: NewSpan): OpenSpan | undefined;
  /** Begins a span below one of another process. What is no `traceparent` is passed over, and the trace is a new one. */
  goOn(traceparent: unknown, span: NewSpan): OpenSpan;
  /** Runs work that belongs to no span: what several share. */
  apart<T>(work: () => T): T;
  /** Where this work stands, for whoever goes on with it in another process. */
  readonly traceparent: string | undefined;
  /** What a line of the log says of it. */
  readonly logged: Readonly<Record<string, string>>;
}

let current: Tracing | undefined;

/** Undefined where traces are off, which costs this look and nothing else: no package of OpenTelemetry is loaded then. */
export function tracing(): Tracing | undefined {
  return current;
}

/** For whoever opens and closes it. */
export function setTracing(tracing: Tracing | undefined): void {
  current = tracing;
}

/** Runs work in a span, which ends with it. Without a span it just runs it. */
export async function inSpan<T>(span: OpenSpan | undefined, work: () => Promise<T>): Promise<T> {
  if (!span) return work();
  try {
    const result = await span.within(work);
    span.end();
    return result;
  } catch (error) {
    span.end(faultOf(error));
    throw error;
  }
}

/** A code of PostgreSQL, of Node.js or of ours, or else the name of the error's class. */
export function faultOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return [code, name].find((text): text is string => typeof text === 'string' && /^\w{1,64}$/.test(text)) ?? 'Error';
}
