import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { faultOf, type OpenSpan, type Tracing } from './tracing.js';

/** What the channels tell of, as far as it is looked at (https://nodejs.org/api/diagnostics_channel.html#http, undici's `docs/api/DiagnosticsChannel.md`). */
interface Told {
  readonly request: object;
  readonly response?: { readonly statusCode?: number };
  readonly error?: unknown;
}

/**
 * Has each HTTP request that is part of a span be one itself, until the head of its answer has come: to providers, to endpoints of
 * webhooks. Node.js and undici tell of them, whoever asks, so no package has to be changed while it is loaded. Host and status,
 * and nothing else of the address: a path or a query can hold ids and secrets of others.
 * @returns ends it
 */
export function watchRequests(tracing: Tracing): () => void {
  const spans = new WeakMap<object, OpenSpan>();
  const begin = (told: unknown) => {
    const { request } = told as Told;
    const { method, host } = described(request);
    const span = tracing.beginBelow({
      name: method,
      kind: 'client',
      facts: { 'http.request.method': method, 'server.address': host },
    });
    if (span) spans.set(request, span);
  };
  const end = (told: unknown) => {
    const { request, response, error } = told as Told;
    const span = spans.get(request);
    if (!span) return;
    spans.delete(request);
    const status = response?.statusCode;
    if (status !== undefined) span.add({ 'http.response.status_code': status });
    if (error !== undefined) span.end(faultOf(error));
    else span.end(status !== undefined && status >= 400 ? String(status) : undefined);
  };
  const channels = [
    ['http.client.request.created', begin],
    ['http.client.response.finish', end],
    ['http.client.request.error', end],
    ['undici:request:create', begin],
    ['undici:request:headers', end],
    ['undici:request:error', end],
  ] as const;
  for (const [channel, listener] of channels) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of channels) unsubscribe(channel, listener);
  };
}

function described(request: object): { method: string; host: string | undefined } {
  const { method, host, origin } = request as { method?: unknown; host?: unknown; origin?: unknown };
  const address = String(origin);
  const named = typeof host === 'string' ? host : URL.canParse(address) ? new URL(address).hostname : undefined;
  return { method: typeof method === 'string' && /^[A-Z]{1,16}$/.test(method) ? method : 'HTTP', host: named };
}
