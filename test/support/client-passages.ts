import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { Sallyport, SallyportError, type SallyportOptions } from '#client';
import { startPanel, type TestPanel } from './gateway-harness.js';

/** A client of one gateway, and what stands between them, for each file that imports this. */

export let panel: TestPanel;
export let sallyport: Sallyport;
const servers: Server[] = [];

beforeAll(async () => {
  panel = await startPanel();
  sallyport = client();
});
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    }),
  );
});
afterAll(() => panel.stop());

export function client(options: Partial<SallyportOptions> = {}): Sallyport {
  return new Sallyport({ url: panel.url, apiKey: panel.apiKey, ...options });
}

/** The refusal of a call that must not succeed. */
export async function refusal(call: Promise<unknown>): Promise<SallyportError> {
  const answer = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in answer) throw new Error(`It was answered: ${JSON.stringify(answer.value)}`);
  if (!(answer.error instanceof SallyportError)) throw answer.error;
  return answer.error;
}

export async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Passage {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
}

/**
 * A server between panel and gateway. `fault` is told of each request with its number, from 0; where it returns true it
 * has answered, or not, itself. `before`: the gateway does not get the request; `after`: it has answered it.
 */
export async function between(fault: {
  before?: (index: number, response: ServerResponse) => boolean;
  after?: (index: number, response: ServerResponse) => boolean;
}): Promise<{ url: string; passed: Passage[] }> {
  const passed: Passage[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const index = passed.length;
    const { method = '', url: path = '', headers } = request;
    passed.push({ method, path, key: headers['idempotency-key'] as string | undefined });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (fault.before?.(index, response)) return;
    const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers;
    const answer = await fetch(`${panel.url}${path}`, {
      method,
      headers: rest as Record<string, string>,
      body: parts.length === 0 ? null : Buffer.concat(parts),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (fault.after?.(index, response)) return;
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  };
  const url = await serve((request, response) => void pass(request, response));
  return { url, passed };
}
