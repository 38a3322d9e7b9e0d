import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { DeliveryChannel } from '#contracts';
import { serveHttp, type Logger, type RunningApp } from '#runtime';
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
 * @param port 0 takes any free one
 */
export async function openInbox(port: number, logger: Logger): Promise<Inbox> {
  const store = new Store();
  const files = await readFiles();
  const server = await serveHttp({
    host: '127.0.0.1',
    port,
    settings: { port: 'INBOX_PORT' },
    answerer: (taken) => pages(store, files, [`127.0.0.1:${taken}`, `localhost:${taken}`]).fetch,
    onFault: (err) => logger.error({ err }, 'a page of the inbox failed'),
  });
  return {
    url: server.url,
    channel: (kind) => ({
      name: 'inbox',
      send: async (message) => {
        const id = randomUUID();
        store.add({
          id,
          channel: kind,
          kind: message.kind,
          to: message.to,
          subject: message.subject,
          body: message.text,
          receivedAt: new Date().toISOString(),
        });
        return { outcome: 'sent', reference: id, price: null };
      },
    }),
    stop: async () => {
      store.end();
      await server.stop();
    },
  };
}

/** A page that is told of what comes. */
interface Listener {
  hear(message: InboxMessage): void;
  /** Nothing comes any more. */
  end(): void;
}

class Store {
  private readonly messages: InboxMessage[] = [];
  private readonly listeners = new Set<Listener>();

  add(message: InboxMessage): void {
    this.messages.push(message);
    if (this.messages.length > capacity) this.messages.splice(0, this.messages.length - capacity);
    for (const listener of this.listeners) listener.hear(message);
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

  end(): void {
    for (const listener of this.listeners) listener.end();
    this.listeners.clear();
  }
}

interface ServedFile {
  readonly type: string;
  readonly content: Buffer;
}

/** The page's style and script, by path. The build copies our own beside what it compiles. */
async function readFiles(): Promise<ReadonlyMap<string, ServedFile>> {
  const own = (name: string) => new URL(`../../assets/${name}`, import.meta.url);
  const [css, javascript] = ['text/css; charset=utf-8', 'text/javascript; charset=utf-8'];
  const files = [
    ['/pico.css', css, new URL(import.meta.resolve('@picocss/pico/css/pico.min.css'))],
    ['/inbox.css', css, own('inbox.css')],
    ['/inbox.js', javascript, own('inbox.js')],
  ] as const;
  const read = files.map(async ([path, type, file]) => [path, { type, content: await readFile(file) }] as const);
  return new Map(await Promise.all(read));
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** @param names what the inbox may be called, as `host:port` */
function pages(
  store: Store,
  files: ReadonlyMap<string, ServedFile>,
  names: readonly string[],
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
  });
  app.use(async (c, next) => {
    // Of the header, or of the target where that is in absolute form and so wins (RFC 9112 §3.2.2).
    if (!names.includes(new URL(c.req.url).host)) return c.json({ error: 'The inbox has another name.' }, 421);
    if (c.req.method !== 'GET') return c.json({ error: 'The inbox can only be read.' }, 405, { allow: 'GET' });
    return next();
  });
  for (const [path, { type, content }] of files)
    app.get(path, (c) => c.body(new Uint8Array(content), 200, { 'content-type': type }));
  app.get('/messages', (c) => c.json({ data: store.find(asked(c.req.query('to'))) }));
  app.get('/', (c) => {
    const to = wanted(c.req.query('to'));
    const page = inboxPage({ messages: store.find(to), to, newest: store.newest });
    return c.body(page, 200, { 'content-type': 'text/html; charset=utf-8' });
  });
  app.get('/events', (c) => {
    const after = c.req.header('last-event-id') ?? c.req.query('after') ?? store.newest;
    const stream = follow(c.env.outgoing, store, wanted(c.req.query('to')), after);
    return c.body(stream, 200, { 'content-type': 'text/event-stream' });
  });
  app.notFound((c) => c.json({ error: 'There are only / and /messages.' }, 404));
  // The server answers, in one way for all.
  app.onError((error) => {
    throw error;
  });
  return app;
}

/** A `+` that was not encoded arrives as a space, and no address holds one. */
const asked = (to: string | undefined) => to?.replaceAll(' ', '+');

/** The page's form sends its field empty too. */
const wanted = (to: string | undefined) => asked(to) || undefined;

/** Tells of each message as it comes, from the one after `after` on (HTML, "Server-sent events"). */
function follow(
  response: ServerResponse,
  store: Store,
  to: string | undefined,
  after: string,
): ReadableStream<Uint8Array> {
  const missed = store.since(after);
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (block: string) => controller.enqueue(encoder.encode(`${block}\n\n`));
        write('retry: 1000');
        if (missed === undefined || missed.length > shownOfEachKind) {
          // More than the page would show: it had better start anew.
          write('event: reload\ndata: {}');
          controller.close();
          return;
        }
        const tell = (message: InboxMessage) => {
          if (to !== undefined && message.to !== to) return;
          // As JSON, no line of a message can pass for one of the stream's own.
          write(`id: ${message.id}\ndata: ${JSON.stringify(liveMessage(message))}`);
        };
        // All of it, however long: whoever was let go comes further this time.
        for (const message of missed) tell(message);
        stop = store.listen({
          hear: (message) => {
            if ((controller.desiredSize ?? 0) > 0) return tell(message);
            stop();
            response.destroy();
          },
          end: () => controller.close(),
        });
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: patience }),
  );
}
