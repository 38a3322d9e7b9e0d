import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isGsm7 } from '#contracts';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A message that the server took, or refused, as the API names its fields. */
export interface VonageMessage {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly ttl: number;
  readonly clientRef: string;
  readonly statusReport: boolean;
  /** Whether the caller was told that it was accepted. */
  readonly accepted: boolean;
}

/** What the server does with one request; without one it accepts. */
export interface VonageAnswer {
  /** Status in the body of an HTTP 200; `0` is success. */
  readonly status?: string;
  /** HTTP status with an empty object. */
  readonly http?: number;
  /** The header `Retry-After`. */
  readonly retryAfter?: string;
  /** Takes the message, then ends the connection without a word. */
  readonly drop?: boolean;
  /** HTTP 200 with this body instead of an answer. */
  readonly body?: string;
  /** An answer that begins well and does not end, as fast as the caller takes it. */
  readonly endless?: boolean;
  readonly delayMs?: number;
  /** How long a message is on its way before it is taken; of a caller that is gone by then it never comes. */
  readonly transitMs?: number;
}

/** Of an answer without end, so that a test ends all the same. */
const mostBytes = 256 * 1024 ** 2;

export interface VonageServer {
  readonly host: string;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  /** Every message that came, also what was refused or dropped. */
  readonly messages: readonly VonageMessage[];
  /** Answers for the next requests, in this order. */
  next(...answers: VonageAnswer[]): void;
  /** Answer for all requests that `next` does not name; nothing for success. */
  always(answer: VonageAnswer | (() => VonageAnswer) | undefined): void;
  /** How much of the last endless answer the caller has taken, in bytes; undefined while it is taking it. */
  readonly endlessBytes: number | undefined;
  /** What is left on the account; 10.28 where it is not set. */
  setBalance(value: number): void;
  close(): Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const json = (request.headers['content-type'] ?? '').startsWith('application/json');
  return json ? (JSON.parse(text) as Record<string, unknown>) : Object.fromEntries(new URLSearchParams(text));
}

function accepts(body: Record<string, unknown>): boolean {
  const ttl = Number(body['ttl'] ?? 20_000);
  const reference = String(body['client-ref'] ?? '');
  return /^\d{7,15}$/.test(String(body['to'])) && ttl >= 20_000 && ttl <= 604_800_000 && reference.length <= 100;
}

/** As the real one does: what is not of the GSM alphabet arrives only where the request says that it is Unicode. */
function arriving({ text, type }: Record<string, unknown>): string {
  if (type === 'unicode') return String(text);
  return [...String(text)].map((letter) => (isGsm7(letter) ? letter : '?')).join('');
}

/** Until the caller goes away, or has taken more than any should. @returns bytes that went out */
async function writeWithoutEnd(response: ServerResponse, http: number): Promise<number> {
  const chunk = ` ${'x'.repeat(65_534)}`;
  const gone = new AbortController();
  response.on('close', () => gone.abort()).on('error', () => gone.abort());
  response.writeHead(http, { 'content-type': 'application/json' });
  response.write('{"message-count":"1","messages":[{"status":"0","error-text":"');
  let bytes = 0;
  while (!gone.signal.aborted && bytes < mostBytes) {
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    bytes += chunk.length;
  }
  response.destroy();
  return bytes;
}

/** A server that speaks Vonage's SMS API (POST /sms/json, GET /account/get-balance) as far as it is used, on a free port of the loopback. */
export async function startVonageServer(): Promise<VonageServer> {
  const credentials = { apiKey: 'test-key', apiSecret: 'test-secret' };
  const basic = `Basic ${Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString('base64')}`;
  const messages: VonageMessage[] = [];
  const script: VonageAnswer[] = [];
  let standing: VonageAnswer | (() => VonageAnswer) | undefined;
  let balance = 10.28;
  let endlessBytes: number | undefined;

  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (request.method === 'GET' && request.url === '/account/get-balance') {
      const known = request.headers.authorization === basic;
      response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known ? { value: balance, autoReload: false } : {}));
      return;
    }
    if (request.method !== 'POST' || request.url !== '/sms/json') {
      response.writeHead(404).end();
      return;
    }
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const answer = script.shift() ?? (typeof standing === 'function' ? standing() : standing) ?? {};
    if (answer.transitMs) await delay(answer.transitMs);
    if (request.socket.destroyed) return;
    // Vonage's own check of parameters: 3 is an invalid one.
    const status = answer.status ?? (accepts(body) ? '0' : '3');
    const http = answer.http ?? 200;
    const to = String(body['to']);
    const clientRef = String(body['client-ref']);
    messages.push({
      from: String(body['from']),
      to,
      text: arriving(body),
      ttl: Number(body['ttl']),
      clientRef,
      statusReport: String(body['status-report-req']) === 'true',
      accepted: status === '0' && http === 200 && !answer.drop && answer.body === undefined,
    });
    if (answer.delayMs) await delay(answer.delayMs);
    if (answer.drop) {
      request.socket.destroy();
      return;
    }
    const { retryAfter } = answer;
    if (answer.endless) {
      endlessBytes = await writeWithoutEnd(response, http);
      return;
    }
    response.writeHead(http, { 'content-type': 'application/json', ...(retryAfter && { 'retry-after': retryAfter }) });
    if (answer.body !== undefined || http !== 200) {
      response.end(answer.body ?? '{}');
      return;
    }
    const part =
      status === '0'
        ? {
            to,
            'message-id': `0A00000${messages.length}`,
            status,
            'remaining-balance': '3.14159265',
            'message-price': '0.03330000',
            network: '12345',
            'client-ref': clientRef,
          }
        : { status, 'error-text': `Refused: ${String(body['text'])} to ${to}` };
    response.end(JSON.stringify({ 'message-count': '1', messages: [part] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials,
    messages,
    next: (...answers) => void script.push(...answers),
    always: (answer) => void (standing = answer),
    get endlessBytes() {
      return endlessBytes;
    },
    setBalance: (value) => void (balance = value),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
