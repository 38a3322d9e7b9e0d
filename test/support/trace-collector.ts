import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesIn, messagesIn, numberIn, readMessage, textIn, type Message } from './protobuf.js';

/** A span as it came (https://github.com/open-telemetry/opentelemetry-proto, `trace/v1/trace.proto`). */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first one of a trace. */
  readonly parentId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  readonly facts: Readonly<Record<string, string | number>>;
  readonly failed: boolean;
  /** Words, events and links, of which ours have none. */
  readonly extras: number;
}

export interface TraceCollector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** All bodies that came, one character a byte, and the headers with them. */
  readonly raw: readonly string[];
  /** Of each process, by its name. */
  readonly resources: ReadonlyMap<string, Readonly<Record<string, string | number>>>;
  /** From now on: takes spans, refuses them, or reads them and never answers. */
  behave(how: 'takes' | 'refuses' | 'hangs'): void;
  /** Waits for spans. @throws after 40 s, with the names of those that came */
  until(holds: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

function factsOf(message: Message, field: number): Record<string, string | number> {
  const valueOf = (value: Message) => (value.has(1) ? textIn(value, 1) : numberIn(value, 3));
  return Object.fromEntries(
    messagesIn(message, field).map((pair) => [textIn(pair, 1), valueOf(readMessage(bytesIn(pair, 2)))]),
  );
}

function spanOf(span: Message, service: string): ReceivedSpan {
  const hex = (field: number) => bytesIn(span, field).toString('hex');
  const status = readMessage(bytesIn(span, 15));
  return {
    service,
    traceId: hex(1),
    spanId: hex(2),
    traceState: textIn(span, 3),
    parentId: hex(4),
    name: textIn(span, 5),
    kind: kinds[numberIn(span, 6)] ?? 'unspecified',
    facts: factsOf(span, 9),
    failed: numberIn(status, 3) === 2,
    extras: bytesIn(status, 2).length + messagesIn(span, 11).length + messagesIn(span, 13).length,
  };
}

/** A collector of traces on a free port of the loopback: OTLP over HTTP, in Protocol Buffers. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  const raw: string[] = [];
  const resources = new Map<string, Record<string, string | number>>();
  let how: Parameters<TraceCollector['behave']>[0] = 'takes';

  const take = (body: Buffer) => {
    for (const ofResource of messagesIn(readMessage(body), 1)) {
      const resource = factsOf(readMessage(bytesIn(ofResource, 1)), 1);
      const service = String(resource['service.name']);
      resources.set(service, resource);
      for (const scope of messagesIn(ofResource, 2)) {
        spans.push(...messagesIn(scope, 2).map((span) => spanOf(span, service)));
      }
    }
  };
  const answer = (response: ServerResponse, body: Buffer) => {
    if (how === 'hangs') return;
    if (how === 'refuses') {
      response.writeHead(400).end();
      return;
    }
    take(body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      raw.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${body.toString('latin1')}`);
      if (request.url === '/v1/traces') answer(response, body);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw,
    resources,
    behave: (next) => void (how = next),
    async until(holds) {
      for (const end = Date.now() + 40_000; !holds(spans); await sleep(50)) {
        if (Date.now() < end) continue;
        const came = spans.map(({ service, name }) => `${service}: ${name}`);
        throw new Error(`These spans came, and not those that were waited for:\n${came.join('\n')}`);
      }
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The spans from one up to the first of its trace, as far as they came. */
export function wayUp(spans: readonly ReceivedSpan[], from: ReceivedSpan): readonly ReceivedSpan[] {
  const parent = spans.find(({ spanId, traceId }) => spanId === from.parentId && traceId === from.traceId);
  return parent ? [from, ...wayUp(spans, parent)] : [from];
}
