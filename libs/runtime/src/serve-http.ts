import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RunningApp } from './run-process.js';
import type { ListenSettings } from './settings.js';

/** What answers: the `fetch` of a Hono app, or any function of that form. */
export type Answerer = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Words for a port in use name them. */
  readonly settings: ListenSettings;
  /** Made once the server listens: who answers may have to know the port. */
  answerer(port: number): Answerer;
  /** Told once of each fault that nobody caught, with no word of what was asked. */
  onFault(error: unknown): void;
}

export interface HttpServer extends RunningApp {
  readonly url: string;
  readonly port: number;
}

/** A browser opens six; whoever opens more than this at once is turned away. */
const maxConnections = 500;
/** From the first byte of a request to the last of its head, and of its body. Afterwards it is answered with 408. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 20_000;
const connectionsCheckingIntervalMs = 2000;

/** How long `stop` waits for answers that are under way. Streams that last are for their owner to end. */
const finishMs = 1000;

/**
 * The one way in which a process of ours serves HTTP, the API apart: whatever comes in, and whatever a handler throws,
 * the process goes on. What is no HTTP, too long or too slow is answered by Node.js itself (400, 431, 408); an address
 * that is none, with 400; a fault, with 500 and not a word about it.
 * @throws what `listen` says, with the names of the settings for `explain`
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: connectionsCheckingIntervalMs,
  });
  server.maxConnections = maxConnections;
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(Object.assign(error, { settings: options.settings })));
    server.listen(options.port, options.host, done);
  });
  // A connection that can't be taken is no reason to end.
  server.on('error', (error) => options.onFault(error));
  const { port } = server.address() as AddressInfo;
  const listener = listenerOf(options.answerer(port), options);
  server.on('request', (request, response) => {
    // An `error` without a listener ends the process.
    for (const stream of [request, response]) stream.on('error', () => undefined);
    // Kept alive for another request, a connection would hold up the end.
    response.once('close', () => void (server.listening || server.closeIdleConnections()));
    void listener(request, response).catch((error: unknown) => fail(error, response, options));
  });
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    port,
    stop: async () => {
      const impatience = setTimeout(() => server.closeAllConnections(), finishMs);
      await new Promise((done) => server.close(done));
      clearTimeout(impatience);
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Requests and answers as the web knows them. The answer is written here: the library would log a fault by itself, and
 * tell the other side of it (read in @hono/node-server 2.1.9, `handleResponseError`).
 */
function listenerOf(answerer: Answerer, options: HttpServerOptions): Listener {
  const answer = async (request: Request, env: HttpBindings): Promise<Response> => {
    try {
      // No browser sends one, and no `Request` can be made of it.
      if (new URL(request.url).username !== '') return refusal(400);
      const response: unknown = await answerer(request, env);
      if (response instanceof Response) return response;
      throw new TypeError('A handler answered with something that is no Response.');
    } catch (error) {
      // Its body broke off, or was none.
      if (env.incoming.errored) return refusal(400);
      options.onFault(error);
      return refusal(500);
    }
  };
  return getRequestListener(
    async (request, env) => {
      const bindings = env as HttpBindings;
      await send(await answer(request, bindings), bindings.outgoing).catch((error: unknown) =>
        fail(error, bindings.outgoing, options),
      );
      return RESPONSE_ALREADY_SENT;
    },
    {
      // For HTTP/1.0, which needs no `Host`.
      hostname: 'localhost',
      overrideGlobalObjects: false,
      // An address or a `Host` that is none.
      errorHandler: () => refusal(400),
    },
  );
}

const words = { 400: 'This request cannot be understood.', 500: 'Something went wrong here.' } as const;

function refusal(status: keyof typeof words): Response {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  return new Response(`${words[status]}\n`, { status, headers });
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  // Whoever asked has left.
  if (response.destroyed) return answer.body?.cancel();
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.writeHead(answer.status);
  if (answer.body) await pipeline(Readable.fromWeb(answer.body), response);
  else response.end();
}

/** An answer that could not be written, or not to its end. Whoever left before is no fault. */
function fail(error: unknown, response: ServerResponse, options: HttpServerOptions): void {
  if ((error as { code?: string } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
  options.onFault(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500).end();
}
