import { z } from 'zod';
import { baseUrl, wholeNumber } from '../setting-values.js';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/**
 * Variables of OpenTelemetry by their usual names (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 * Its exporter reads further ones by itself: time-out, compression, certificates.
 */
export const traceSettings = {
  OTEL_TRACES_EXPORTER: {
    schema: z.enum(['otlp', 'none'], 'must be otlp or none'),
    help: 'otlp sends traces to OTEL_EXPORTER_OTLP_ENDPOINT, none sends none (docs/traces.md). Default: otlp if an endpoint is given, else none',
    mayBeLeftOut: true,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: baseUrl,
    help: 'collector of traces, by OTLP over HTTP, such as http://collector:4318. Default with OTEL_TRACES_EXPORTER=otlp: http://localhost:4318',
    mayBeLeftOut: true,
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    schema: z.enum(['http/protobuf'], 'must be http/protobuf; with a collector that usually means port 4318'),
    help: 'how the collector of traces is spoken to: http/protobuf and nothing else',
    mayBeLeftOut: true,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z.string().min(1),
    help: 'headers for the collector of traces, as authorization=Bearer%20token; several with commas between them',
    mayBeLeftOut: true,
    secret: true,
  },
  OTEL_TRACES_SAMPLER: {
    schema: z.enum(samplers, `must be one of ${samplers.join(', ')}`),
    help: 'which traces are kept. parentbased_… does as the caller says in traceparent. Default: parentbased_always_on',
    mayBeLeftOut: true,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z
      .string()
      .refine((text) => /^(0|1|[01]?\.\d{1,9})$/.test(text) && Number(text) <= 1, 'must be a share from 0 to 1')
      .transform(Number),
    help: 'share of the traces that a sampler by ratio keeps, from 0 to 1. Default: 1',
    mayBeLeftOut: true,
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    schema: wholeNumber(1, 60_000),
    help: 'how long spans wait to be sent together, in ms. Default: 5000',
    mayBeLeftOut: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().min(1),
    help: 'name of the process in traces. Default: sallyport- and the process, such as sallyport-gateway; sallyport of npm start',
    mayBeLeftOut: true,
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    schema: z.string().min(1),
    help: 'what else traces say of the process, as deployment.environment.name=production,host.name=web1',
    mayBeLeftOut: true,
  },
} as const;

/** For the description of each process that can be traced. */
export const traceSettingNames = Object.keys(traceSettings) as (keyof typeof traceSettings)[];
