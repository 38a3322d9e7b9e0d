import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A message as it came to a receiver. */
export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When, as `Date.now()`. */
  readonly at: number;
}

/** What a receiver does with a message; without one it takes it: 204. */
export type ReceiverAnswer = (answer: ServerResponse, received: Received) => void | Promise<void>;

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Record<string, string> = {}): ReceiverAnswer =>
  (answer) =>
    void answer.writeHead(code, headers).end();

/** Never answers. */
export const silence: ReceiverAnswer = () => undefined;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** All messages whose body came whole. */
  readonly received: readonly Received[];
  /** Connections at once, at most, and messages at once. */
  readonly most: { connections: number; messages: number };
  /** From now on. */
  answer(by: ReceiverAnswer): void;
  /** For the next messages, in this order; then as before. */
  next(...by: ReceiverAnswer[]): void;
  close(): Promise<void>;
}

/** A certificate for a name, that signs itself. */
export function selfSigned(name: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-receiver-'));
  try {
    const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const made = spawnSync('openssl', [...fresh, ...named, '-keyout', 'key', '-out', 'cert'], { cwd: folder });
    if (made.status !== 0) throw new Error(made.stderr?.toString() ?? 'There is no openssl.');
    return { key: readFileSync(join(folder, 'key'), 'utf8'), cert: readFileSync(join(folder, 'cert'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A receiver of webhooks on a free port of the loopback. */
export async function startReceiver(tls?: { readonly key: string; readonly cert: string }): Promise<Receiver> {
  const received: Received[] = [];
  const script: ReceiverAnswer[] = [];
  const most = { connections: 0, messages: 0 };
  const sockets = new Set<Socket>();
  let usual: ReceiverAnswer = status(204);
  let messages = 0;

  const listener: RequestListener = (request, answer) => {
    messages += 1;
    most.messages = Math.max(most.messages, messages);
    answer.once('close', () => (messages -= 1));
    void read(request).then(async (message) => {
      received.push(message);
      await (script.shift() ?? usual)(answer, message);
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    most.connections = Math.max(most.connections, sockets.size);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/hook`,
    port,
    received,
    most,
    answer: (by) => (usual = by),
    next: (...by) => void script.push(...by),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { path: request.url ?? '', headers, body: Buffer.concat(parts).toString(), at: Date.now() };
}
