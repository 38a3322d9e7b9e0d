import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { invalidRequest, newId, type Problem } from '#contracts';
import type { Logger } from '#runtime';
import { problemBody } from './problem.filter.js';

/** How long a connection may take for what, in milliseconds, and how many there may be. */
export interface ConnectionBounds {
  /** From the first byte, or from the connection, to the last header. */
  readonly headersMs: number;
  /** … to the last byte of the body. */
  readonly requestMs: number;
  /** Without any byte in either direction while a request is under way: a client that does not read its answer. */
  readonly silenceMs: number;
  /** For what is still on its way when the answer is given already: the rest of a body, of headers that are too large. */
  readonly remainderMs: number;
  /** For requests that are still arriving when the process stops. */
  readonly drainMs: number;
  readonly connections: number;
  readonly headerBytes: number;
  /** Refused callers who are heard again for each call that is answered, at most: refusing must leave time for the work … */
  readonly refusalsPerCall: number;
  /** … but so many in each second, also where nothing is answered. */
  readonly refusalsPerSecond: number;
}

export const connectionBounds: ConnectionBounds = {
  headersMs: 10_000,
  requestMs: 15_000,
  silenceMs: 30_000,
  remainderMs: 1000,
  drainMs: 5000,
  connections: 2000,
  headerBytes: 16 * 1024,
  refusalsPerCall: 4,
  refusalsPerSecond: 500,
};

/** How long callers wait while the listener ends: longer than it takes to connect and to ask. */
const holdMs = 100;

/** How often refused callers are heard again, in milliseconds. */
const paceMs = 10;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Options of `node:http` that go with the bounds. */
export function serverOptions(bounds: ConnectionBounds) {
  return {
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    connectionsCheckingInterval: Math.min(1000, bounds.headersMs / 2),
    maxHeaderSize: bounds.headerBytes,
    // Asked for where it can be answered in our own form.
    requireHostHeader: false,
  };
}

/**
 * The connections of the gateway, and what is answered where there is no request yet that Fastify could answer.
 *
 * A connection on which a good API key was shown is kept. When there are too many, the oldest of the others is closed: an
 * outsider who opens thousands of them pushes out outsiders.
 */
export class Connections {
  /** Each with its latest request, unless that is over. */
  private readonly open = new Map<Socket, Exchange | undefined>();
  /** Those that have not shown a good key, oldest first. */
  private readonly strangers = new Set<Socket>();
  /** Those that end with the answer that they have been given. */
  private readonly ending = new WeakSet<Duplex>();
  /** Those whose call was refused, and that are not read from for a moment. */
  private readonly hushed = new Set<Socket>();
  private pace: NodeJS.Timeout | undefined;
  private heardAt = 0;
  private answered = 0;
  private drains = false;
  /** While it is there, no call goes on. */
  held: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    readonly bounds: ConnectionBounds,
    private readonly logger: Logger,
  ) {
    server.on('connection', (socket: Socket) => this.take(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.watch({ request, response }));
    // With a listener, Node.js leaves it to us when the body is asked for: not before the key was looked at.
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    server.on('checkExpectation', (_request, response: ServerResponse) => {
      const { headers, body } = refusal(417, invalidRequest('/headers/expect', 'Only 100-continue is supported.'));
      response.writeHead(417, headers).end(body);
    });
    server.on('connect', (_request, socket: Duplex) => {
      socket.on('error', () => undefined);
      socket.resume();
      this.answer(socket, 400, invalidRequest('', 'This server is not a proxy.'));
    });
  }

  get count(): number {
    return this.open.size;
  }

  /** Whether each connection ends with its answer. */
  get draining(): boolean {
    return this.drains;
  }

  /** The client of this connection has shown a good key. */
  trust(socket: Socket): void {
    this.strangers.delete(socket);
  }

  /** A call has been answered, not refused. */
  noteAnswer(): void {
    this.answered += 1;
  }

  /**
   * Reads nothing more from a client that is being refused until its turn has come again. A client that waits as
   * `Retry-After` says does not notice; refusing a thousand clients that don't would take all the time there is.
   */
  hush({ request, response }: Exchange): void {
    const { socket } = request;
    const wait = () => {
      if (socket.destroyed) return;
      socket.pause();
      this.hushed.add(socket);
      if (this.pace) return;
      this.heardAt = performance.now();
      this.answered = 0;
      this.pace = setInterval(() => this.hearAgain(), paceMs).unref();
    };
    response.once('close', () => {
      if (request.complete) wait();
      else request.once('end', wait);
    });
  }

  /** What can't be read as a request, or takes too long to come. */
  refuse(error: NodeJS.ErrnoException & { readonly reason?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed || this.ending.has(socket)) return;
    const [status, problem] = faultOf(error, this.bounds);
    this.logger.debug({ status, code: error.code }, 'not a request');
    const last = this.open.get(socket);
    const answer = () => this.answer(socket, status, problem);
    if (!last || (last.request.complete && last.response.writableFinished)) answer();
    // It is about the next request: the answer to the one before comes first.
    else if (last.request.complete) last.response.once('close', answer);
    // It is about the body of a request that has been answered already, or whose answer isn't the next one.
    else if (last.response.headersSent || last.response.socket !== socket) socket.destroy();
    else answer();
  }

  /** From now on each connection ends with its answer, so that its client goes elsewhere. */
  announceEnd(): void {
    this.drains = true;
  }

  /**
   * Takes no more connections, and settles when all have ended: what is worked on is finished; what is still arriving by
   * then never would be. A connection that the system has taken and we have not is reset, so callers are kept waiting for a
   * moment before: whoever waits for an answer opens no new one.
   */
  async stopListening(): Promise<void> {
    this.announceEnd();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    this.held = promise;
    await sleep(holdMs);
    const closed = new Promise((done) => this.server.close(done));
    this.held = undefined;
    release();
    setTimeout(() => {
      for (const [socket, last] of this.open) {
        if (!last?.request.complete || last.response.writableEnded) socket.destroy();
      }
    }, this.bounds.drainMs).unref();
    await closed;
  }

  private take(socket: Socket): void {
    if (this.open.size >= this.bounds.connections) {
      const [oldest] = this.strangers;
      if (oldest) this.end(oldest);
      else this.closeIdle();
    }
    if (this.open.size >= this.bounds.connections) {
      socket.destroy();
      return;
    }
    this.open.set(socket, undefined);
    this.strangers.add(socket);
    socket.once('close', () => this.forget(socket));
  }

  private hearAgain(): void {
    const now = performance.now();
    // By the clock: a busy process comes here less often.
    const least = ((now - this.heardAt) * this.bounds.refusalsPerSecond) / 1000;
    let left = Math.max(least, this.answered * this.bounds.refusalsPerCall);
    this.heardAt = now;
    this.answered = 0;
    for (const socket of this.hushed) {
      if (left-- < 1) return;
      this.hushed.delete(socket);
      socket.resume();
    }
    clearInterval(this.pace);
    this.pace = undefined;
  }

  private closeIdle(): void {
    this.server.closeIdleConnections();
    // Their ends are told later.
    for (const socket of this.open.keys()) if (socket.destroyed) this.forget(socket);
  }

  private end(socket: Socket): void {
    socket.destroy();
    this.forget(socket);
  }

  private forget(socket: Socket): void {
    this.open.delete(socket);
    this.strangers.delete(socket);
    this.hushed.delete(socket);
  }

  private watch(exchange: Exchange): void {
    const { request, response } = exchange;
    const { socket } = request;
    if (this.open.has(socket)) this.open.set(socket, exchange);
    response.once('close', () => {
      if (socket.destroyed) return;
      if (request.complete) {
        // What is over takes no memory while the connection is idle.
        if (this.open.get(socket) === exchange) this.open.set(socket, undefined);
        // An answer that lasted began before it could say so.
        if (this.drains) socket.end();
        return;
      }
      // Answered before its body came, which may still be on its way.
      setTimeout(() => {
        if (!request.complete) socket.destroy();
      }, this.bounds.remainderMs).unref();
    });
  }

  private answer(socket: Duplex, status: number, problem: Problem): void {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const { headers, body } = refusal(status, problem);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.ending.add(socket);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
    // Cut off at once, a client that is still sending might never read it (RFC 9112 §9.6).
    setTimeout(() => socket.destroy(), this.bounds.remainderMs).unref();
  }
}

/** Status and words. The table knows the code; HTTP has closer statuses for these than the table's 400. */
function faultOf(
  { code, reason }: { readonly code?: string | undefined; readonly reason?: string },
  { headerBytes }: ConnectionBounds,
): [number, Problem] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, invalidRequest('', 'The request did not arrive in time.')];
    case 'HPE_HEADER_OVERFLOW':
      return [431, invalidRequest('/headers', `Address and headers are larger than ${headerBytes / 1024} KiB.`)];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, invalidRequest('', 'The extensions of a chunk are too large.')];
    default:
      return [400, invalidRequest('', `This is not an HTTP/1.1 request${reason === undefined ? '' : `: ${reason}`}.`)];
  }
}

function refusal(status: number, problem: Problem): { headers: Record<string, string>; body: string } {
  const id = newId('request');
  const body = JSON.stringify({ ...problemBody(problem, { id, headers: {} }), status });
  return {
    headers: {
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
      'x-request-id': id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}
