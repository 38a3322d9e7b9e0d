import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryChannel } from '#contracts';
import type { RunningApp } from '#runtime';
import { inboxPage, liveMessage, shownOfEachKind, type InboxMessage } from './inbox-page.js';

export interface Inbox extends RunningApp {
  readonly url: string;
  /** The channel that delivers into this inbox. */
  channel(kind: InboxMessage['channel']): DeliveryChannel;
}

/** Messages kept, the oldest dropped first: some 10 MB at most. */
const capacity = 10_000;

/** Bytes that may wait for a page that does not read; then it is let go, and comes back for what it missed. */
const patience = 1_000_000;

/**
 * Stands in for the providers on one's own machine: shows what would have been sent. It lives in memory, listens on a
 * loopback port of its own, and answers only to a `Host` that names it: another site's page in the same browser could
 * otherwise read codes through a name that it lets point here (DNS rebinding).
 */
export async function openInbox(): Promise<Inbox> {
  const store = new Store();
  const files = await readFiles();
  const server = createServer((request, response) => answer(request, response, store, files, hosts(server.address())));
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    channel: (kind) => ({
      name: 'inbox',
      send: async (message) => {
        const id = randomUUID();
        store.add({
          id,
          channel: kind,
          to: message.to,
          subject: message.subject,
          body: message.text,
          receivedAt: new Date().toISOString(),
        });
        return { outcome: 'sent', reference: id, price: null };
      },
    }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

type Listener = (message: InboxMessage) => void;

class Store {
  private readonly messages: InboxMessage[] = [];
  private readonly listeners = new Set<Listener>();

  add(message: InboxMessage): void {
    this.messages.push(message);
    if (this.messages.length > capacity) this.messages.splice(0, this.messages.length - capacity);
    for (const listener of this.listeners) listener(message);
  }

  /** Newest first. */
  find(to: string | undefined): InboxMessage[] {
    return this.messages.filter((message) => to === undefined || message.to === to).toReversed();
  }

  /** Id of the newest message, empty before the first. */
  get newest(): string {
    return this.messages.at(-1)?.id ?? '';
  }

  /** What came after a message, oldest first; undefined where it is gone. */
  since(id: string): InboxMessage[] | undefined {
    const index = this.messages.findLastIndex((message) => message.id === id);
    return index < 0 && id !== '' ? undefined : this.messages.slice(index + 1);
  }

  /** @returns how to end it */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

interface ServedFile {
  readonly type: string;
  readonly content: Buffer;
}

/** The page's style and script, by path. The build copies our own beside what it compiles. */
async function readFiles(): Promise<ReadonlyMap<string, ServedFile>> {
  const own = (name: string) => new URL(`../assets/${name}`, import.meta.url);
  const [css, javascript] = ['text/css; charset=utf-8', 'text/javascript; charset=utf-8'];
  const files = [
    ['/pico.css', css, new URL(import.meta.resolve('@picocss/pico/css/pico.min.css'))],
    ['/inbox.css', css, own('inbox.css')],
    ['/inbox.js', javascript, own('inbox.js')],
  ] as const;
  const read = files.map(async ([path, type, file]) => [path, { type, content: await readFile(file) }] as const);
  return new Map(await Promise.all(read));
}

function hosts(address: ReturnType<ReturnType<typeof createServer>['address']>): string[] {
  const { port } = address as AddressInfo;
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: Store,
  files: ReadonlyMap<string, ServedFile>,
  allowed: readonly string[],
): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://inbox');
  const send = (status: number, type: string, body: string | Buffer) => {
    response.writeHead(status, { ...headers, 'content-type': type });
    response.end(body);
  };
  const refuse = (status: number, words: string) => send(status, 'application/json', JSON.stringify({ error: words }));

  if (!allowed.includes(request.headers.host?.toLowerCase() ?? '')) return refuse(421, 'The inbox has another name.');
  if (request.method !== 'GET') return refuse(405, 'The inbox can only be read.');
  const file = files.get(pathname);
  if (file) return send(200, file.type, file.content);

  // A `+` that was not encoded arrives as a space, and no address holds one.
  const to = searchParams.get('to')?.replaceAll(' ', '+');
  if (pathname === '/messages') return send(200, 'application/json', JSON.stringify({ data: store.find(to) }));

  // The page's form sends its field empty too.
  const wanted = to === '' ? undefined : to;
  if (pathname === '/') {
    const page = inboxPage({ messages: store.find(wanted), to: wanted, newest: store.newest });
    return send(200, 'text/html; charset=utf-8', page);
  }
  if (pathname !== '/events') return refuse(404, 'There are only / and /messages.');
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
  const after = request.headers['last-event-id'] ?? searchParams.get('after') ?? store.newest;
  follow(response, store, wanted, String(after));
}

/** Writes each message as it comes, from the one after `after` on (HTML, "Server-sent events"). */
function follow(response: ServerResponse, store: Store, to: string | undefined, after: string): void {
  response.write('retry: 1000\n\n');
  const missed = store.since(after);
  if (missed === undefined || missed.length > shownOfEachKind) {
    // More than the page would show: it had better start anew.
    response.end('event: reload\ndata: {}\n\n');
    return;
  }
  const write: Listener = (message) => {
    if (to !== undefined && message.to !== to) return;
    // As JSON, no line of a message can pass for one of the stream's own.
    response.write(`id: ${message.id}\ndata: ${JSON.stringify(liveMessage(message))}\n\n`);
  };
  // All of it, however long: whoever was let go comes further this time.
  for (const message of missed) write(message);
  const stop = store.listen((message) => {
    if (response.writableLength <= patience) return write(message);
    stop();
    response.destroy();
  });
  response.once('close', stop);
}
