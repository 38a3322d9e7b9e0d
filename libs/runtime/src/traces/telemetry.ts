import { context, diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Context, Span, SpanContext, Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed, parseTraceParent, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { optionalSetting } from '../read-settings.js';
import type { RunningApp } from '../run-process.js';
import { within } from '../within.js';
import { watchRequests } from './requests.js';
import { setTracing, type NewSpan, type OpenSpan, type SpanFacts, type Tracing } from './tracing.js';

/** How long the end of a process waits for the collector: less than a step of the end of `npm start` has. */
const farewellMs = 900;

/** A collector that is away is told of once in so long. */
const calmMs = 60_000;

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** The only file that knows OpenTelemetry's packages, with those that it imports: loaded where traces are on. */
export function openTelemetry(service: string, logger: Logger): RunningApp {
  setGlobalErrorHandler(tellCalmly(logger));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const delay = optionalSetting('OTEL_BSP_SCHEDULE_DELAY');
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service }))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] })),
    sampler: configuredSampler(),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...(delay !== undefined && { scheduledDelayMillis: delay }),
      }),
    ],
  });
  const tracing = new Telemetry(provider.getTracer('sallyport'));
  const endWatching = watchRequests(tracing);
  setTracing(tracing);
  return {
    stop: async () => {
      setTracing(undefined);
      endWatching();
      // What it throws has been told of.
      await within(
        farewellMs,
        provider.shutdown().catch(() => undefined),
      );
      context.disable();
      diag.disable();
    },
  };
}

class Telemetry implements Tracing {
  constructor(private readonly tracer: Tracer) {}

  get traceparent(): string | undefined {
    const active = trace.getSpanContext(context.active());
    return active && traceparentOf(active);
  }

  get logged(): Readonly<Record<string, string>> {
    const active = trace.getSpanContext(context.active());
    return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
  }

  begin(span: NewSpan): OpenSpan {
    return this.start(context.active(), span);
  }

  beginBelow(span: NewSpan): OpenSpan | undefined {
    const active = context.active();
    // What the exporter itself asks is no part of anything.
    if (!trace.getSpanContext(active) || isTracingSuppressed(active)) return undefined;
    return this.start(active, span);
  }

  goOn(traceparent: unknown, span: NewSpan): OpenSpan {
    const parent = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null;
    // Without tracestate: what other systems note there is not ours to keep, and can be long.
    return this.start(parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT, span);
  }

  apart<T>(work: () => T): T {
    return context.with(ROOT_CONTEXT, work);
  }

  private start(parent: Context, { name, kind, facts }: NewSpan): OpenSpan {
    const span = this.tracer.startSpan(name, { kind: kinds[kind], ...(facts && { attributes: given(facts) }) }, parent);
    return new BegunSpan(span, parent);
  }
}

class BegunSpan implements OpenSpan {
  constructor(
    private readonly span: Span,
    private readonly parent: Context,
  ) {}

  get traceparent(): string {
    return traceparentOf(this.span.spanContext());
  }

  within<T>(work: () => T): T {
    return context.with(trace.setSpan(this.parent, this.span), work);
  }

  add(facts: SpanFacts): void {
    this.span.setAttributes(given(facts));
  }

  end(fault?: string): void {
    if (fault !== undefined) {
      this.add({ 'error.type': fault });
      this.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}

function given(facts: SpanFacts): Record<string, string | number> {
  const entries = Object.entries(facts) as [string, string | number | null | undefined][];
  return Object.fromEntries(entries.filter((entry): entry is [string, string | number] => (entry[1] ?? null) !== null));
}

/** Of the flags only whether the trace is kept: those of a caller may be others, of which later versions have more. */
function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
}

function configuredSampler(): Sampler {
  const name = optionalSetting('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const share = optionalSetting('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(share),
  };
  const root = roots[name.replace('parentbased_', '') as keyof typeof roots]();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** By its kind: a collector's own words stand in the error, and whatever was sent to it. */
function tellCalmly(logger: Logger): (error: unknown) => void {
  let last = -Infinity;
  return (error) => {
    if (performance.now() - last < calmMs) return;
    last = performance.now();
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    logger.warn({ fault: code ?? name }, 'the collector does not take traces: they are dropped until it does');
  };
}
