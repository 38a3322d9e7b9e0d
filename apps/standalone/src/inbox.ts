import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryChannel } from '#contracts';
import type { RunningApp } from '#runtime';

interface InboxMessage {
  readonly id: string;
  readonly channel: 'sms' | 'email';
  readonly to: string;
  readonly subject: string | null;
  readonly body: string;
  readonly receivedAt: string;
}

export interface Inbox extends RunningApp {
  readonly url: string;
  /** The channel that delivers into this inbox. */
  channel(kind: InboxMessage['channel']): DeliveryChannel;
}

/** Messages kept, the oldest dropped first: some 10 MB at most. */
const capacity = 10_000;

/**
 * Stands in for the providers on one's own machine: shows what would have been sent. It lives in memory, listens on a
 * loopback port of its own, and answers only to a `Host` that names it: another site's page in the same browser could
 * otherwise read codes through a name that it lets point here (DNS rebinding).
 */
export async function openInbox(): Promise<Inbox> {
  const messages: InboxMessage[] = [];
  const server = createServer((request, response) => answer(request, response, messages, hosts(server.address())));
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
        messages.push({
          id,
          channel: kind,
          to: message.to,
          subject: message.subject,
          body: message.text,
          receivedAt: new Date().toISOString(),
        });
        if (messages.length > capacity) messages.splice(0, messages.length - capacity);
        return { outcome: 'sent', reference: id, price: null };
      },
    }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function hosts(address: ReturnType<ReturnType<typeof createServer>['address']>): string[] {
  const { port } = address as AddressInfo;
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  messages: readonly InboxMessage[],
  allowed: readonly string[],
): void {
  const url = new URL(request.url ?? '/', 'http://inbox');
  const send = (status: number, type: string, body: string) => {
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  };
  const refuse = (status: number, words: string) => send(status, 'application/json', JSON.stringify({ error: words }));

  if (!allowed.includes(request.headers.host?.toLowerCase() ?? '')) return refuse(421, 'The inbox has another name.');
  if (request.method !== 'GET') return refuse(405, 'The inbox can only be read.');
  if (url.pathname !== '/messages' && url.pathname !== '/') return refuse(404, 'There is only /messages.');

  // A `+` that was not encoded arrives as a space, and no address holds one.
  const to = url.searchParams.get('to')?.replaceAll(' ', '+');
  const found = messages.filter((message) => to === undefined || message.to === to).toReversed();
  if (url.pathname === '/') send(200, 'text/html; charset=utf-8', page(found.slice(0, 100)));
  else send(200, 'application/json', JSON.stringify({ data: found }));
}

function page(messages: readonly InboxMessage[]): string {
  const rows = messages.map(
    ({ channel, to, subject, body, receivedAt }) =>
      `<article><h2>${channel} · ${escape(to)} · <time>${receivedAt}</time></h2>` +
      `${subject === null ? '' : `<h3>${escape(subject)}</h3>`}<pre>${escape(body)}</pre></article>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>Sallyport inbox</title>
<style>body{font:16px system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}h2{font-size:1rem}h3{font-size:1rem}
pre{white-space:pre-wrap;font-size:1.1rem;border-left:4px solid;padding-left:1rem}</style>
<h1>Inbox</h1><p>What would have been sent, newest first. Nothing leaves this machine.</p>${rows.join('') || '<p>Empty.</p>'}</html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
