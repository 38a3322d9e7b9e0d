import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime';
import { sendRaw } from '../../../../test/support/raw-http.js';
import { openInbox as open, type Inbox } from './inbox.js';

const openInbox = () => open(0, createLogger('test'));

describe('the inbox', () => {
  let inbox: Inbox;
  beforeAll(async () => {
    inbox = await openInbox();
  });
  afterAll(() => inbox.stop());

  const send = (channel: 'sms' | 'email', to: string, text: string, subject: string | null = null, into = inbox) =>
    into.channel(channel).send(
      {
        deliveryId: 'dlv_1',
        to,
        kind: subject === null ? 'code' : 'notice',
        country: null,
        subject,
        text,
        html: null,
        expiresAt: new Date(),
      },
      idle,
    );
  const idle = new AbortController().signal;
  const messages = async (query = '') =>
    ((await (await fetch(`${inbox.url}/messages${query}`)).json()) as { data: Record<string, string>[] }).data;

  it('shows what would have been sent, newest first, by address', async () => {
    await send('sms', '+31612345678', 'first');
    await send('email', 'a+b@example.org', '<b>second</b>', 'Subject');
    const sent = await send('sms', '+31612345678', 'third');
    expect(sent).toMatchObject({ outcome: 'sent', price: null });

    expect((await messages()).map(({ body }) => body)).toEqual(['third', '<b>second</b>', 'first']);
    expect((await messages()).map(({ kind }) => kind)).toEqual(['code', 'notice', 'code']);
    // With its plus sign encoded or not.
    expect((await messages('?to=%2B31612345678')).map(({ body }) => body)).toEqual(['third', 'first']);
    expect((await messages('?to=+31612345678')).map(({ body }) => body)).toEqual(['third', 'first']);
    expect(await messages('?to=a%2Bb@example.org')).toMatchObject([{ channel: 'email', subject: 'Subject' }]);
    expect(await messages('?to=nobody')).toEqual([]);
    expect(await (await fetch(inbox.url)).text()).toContain('&lt;b&gt;second');
  });

  it('shows the phone by number and the mailbox, with the codes emphasised', async () => {
    const own = await openInbox();
    await send('sms', '+31612345678', '012345 is your code.\n\n@localhost #012345', null, own);
    await send('sms', '+4512345678', 'no code: 1234567', null, own);
    await send('sms', '+31612345678', '999999 is your code.', null, own);
    await send('email', 'a+b@example.org', '123456', 'Your code', own);
    const page = await (await fetch(own.url)).text();
    await own.stop();
    const threads = [...page.matchAll(/data-thread="([^"]+)".*?<\/article>/gs)];
    expect(threads.map(([, number]) => number)).toEqual(['+31612345678', '+4512345678']);
    expect(threads[0]?.[0]).toMatch(
      /<strong>999999<\/strong> is[^]*<strong>012345<\/strong> is your code\.\n\n@localhost #012345</,
    );
    expect(threads[1]?.[0]).toContain('>no code: 1234567<');
    expect(page).toContain(
      '<h3>Your code</h3><p class="to">To <a href="/?to=a%2Bb%40example.org">a+b@example.org</a></p>',
    );
  });

  it('shows what senders wrote, and runs none of it', async () => {
    const attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b>';
    const own = await openInbox();
    const stream = await listen(own, '/events');
    await send('sms', `+45${attack}`, `123456 ${attack}`, null, own);
    await send('email', `${attack}@example.org`, attack, attack, own);
    const live = [await stream.next(), await stream.next()].map(
      ({ data }) => (JSON.parse(data ?? '') as { html: string }).html,
    );
    const pages = [`/`, `/?to=${encodeURIComponent(attack)}`].map(async (path) =>
      (await fetch(`${own.url}${path}`)).text(),
    );
    for (const html of [...live, ...(await Promise.all(pages))]) {
      expect(html).not.toMatch(/<script>|<img|&lt;b&gt;(?<!&amp;lt;b&gt;)/);
      // Only its own elements, whose attributes are in double quotes.
      expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[a-z]+[^>]*\sonerror/);
      expect(html).toContain('&quot;&gt;&lt;script&gt;');
    }
    await own.stop();
  });

  const paths = ['/', '/messages', '/events', '/inbox.js', '/inbox.css', '/pico.css', '/nowhere'];

  it.each(paths)('answers to its own name only, for %s', async (path) => {
    const status = (host: string) =>
      new Promise((done, fail) => {
        get(`${inbox.url}${path}`, { headers: { host } }, (response) => {
          response.destroy();
          done(response.statusCode);
        }).on('error', fail);
      });
    const { port } = new URL(inbox.url);
    expect(await status(`localhost:${port}`)).toBe(path === '/nowhere' ? 404 : 200);
    expect(await status(`rebound.example:${port}`)).toBe(421);
    expect(await status('127.0.0.1')).toBe(421);
    // In absolute form, the target names the host.
    const absolute = `GET http://rebound.example${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(inbox.url, absolute)).status).toBe(421);
  });

  it.each(['//', '//evil.example', '/%', '/\\\\', 'http://[/', '*'])('goes on after %s', async (target) => {
    const { host } = new URL(inbox.url);
    const request = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const { status = 0, text } = await sendRaw(inbox.url, request);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('<html');
    expect((await fetch(inbox.url)).status).toBe(200);
  });

  it.each(paths)('can only be read, under a strict policy: %s', async (path) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const { status, headers } = await fetch(`${inbox.url}${path}`, { method });
      expect([status, headers.get('allow')]).toEqual([405, 'GET']);
    }
    const response = await fetch(`${inbox.url}${path}`);
    await response.body?.cancel();
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';.* frame-ancestors 'none'$/,
      ),
      'content-type': expect.stringMatching(
        /^(text\/(html|css|javascript); charset=utf-8|text\/event-stream|application\/json)$/,
      ),
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('keeps the newest ten thousand', async () => {
    for (let n = 0; n < 10_050; n += 1) await send('sms', '+4512345678', `${n}`);
    const all = await messages();
    expect(all).toHaveLength(10_000);
    expect(all[0]).toMatchObject({ body: '10049' });
  });
});

describe('the live stream of the inbox', () => {
  let inbox: Inbox;
  beforeEach(async () => {
    inbox = await openInbox();
  });
  afterEach(() => inbox.stop());

  const send = async (to: string, text: string) => {
    const sms = inbox.channel('sms');
    const message = {
      deliveryId: 'dlv_1',
      to,
      kind: 'code' as const,
      country: null,
      subject: null,
      text,
      html: null,
      expiresAt: new Date(),
    };
    const sent = await sms.send(message, new AbortController().signal);
    return sent.outcome === 'sent' ? (sent.reference ?? '') : '';
  };

  it('tells everyone who listens of what comes, by address', async () => {
    await send('+4511111111', 'before');
    const [all, also, one] = [
      await listen(inbox, '/events'),
      await listen(inbox, '/events?to='),
      await listen(inbox, '/events?to=+4522222222'),
    ];
    const first = await send('+4511111111', '123456 one');
    const second = await send('+4522222222', 'two');
    for (const stream of [all, also]) {
      expect(await stream.next()).toMatchObject({
        id: first,
        data: expect.stringContaining('<strong>123456</strong> one'),
      });
      expect(await stream.next()).toMatchObject({
        id: second,
        data: expect.stringContaining('New SMS to +4522222222'),
      });
    }
    expect(await one.next()).toMatchObject({ id: second });
  });

  it('goes on after the last message seen, without a gap or a repeat', async () => {
    const ids = [
      await send('+4511111111', 'one'),
      await send('+4522222222', 'two'),
      await send('+4511111111', 'three'),
    ];
    const heard = async (path: string, headers?: Record<string, string>) => {
      const stream = await listen(inbox, path, headers);
      const end = await send('+4511111111', 'end');
      const found: (string | undefined)[] = [];
      for (let id; id !== end; found.push(id)) {
        ({ id } = await stream.next());
        if (id === undefined) throw new Error('The stream ended.');
      }
      return found.slice(0, -1).filter((id) => ids.includes(id ?? ''));
    };
    expect(await heard('/events?after=')).toEqual(ids);
    expect(await heard(`/events?after=${ids[0]}`)).toEqual(ids.slice(1));
    // What the browser remembers is newer than what its page knew.
    expect(await heard(`/events?after=${ids[0]}`, { 'last-event-id': ids[1] ?? '' })).toEqual(ids.slice(2));
    expect(await heard('/events?after=&to=%2B4511111111')).toEqual([ids[0], ids[2]]);
    expect(await heard('/events')).toEqual([]);
    // The page knows where the stream has to begin.
    const newest = /data-newest="([^"]+)"/.exec(await (await fetch(`${inbox.url}/?to=nobody`)).text())?.[1];
    expect(await heard(`/events?after=${newest}`)).toEqual([]);
  });

  it('asks for a reload where it cannot go on', async () => {
    expect(await (await listen(inbox, '/events?after=of-another-start')).next()).toMatchObject({ event: 'reload' });
    const first = await send('+4511111111', 'one');
    for (let n = 0; n < 100; n += 1) await send('+4511111111', `${n}`);
    expect(await (await listen(inbox, `/events?after=${first}`)).next()).toMatchObject({ id: expect.any(String) });
    await send('+4511111111', 'one too many');
    const stream = await listen(inbox, `/events?after=${first}`);
    expect(await stream.next()).toMatchObject({ event: 'reload' });
    expect(await stream.next()).toEqual({});
  });

  it('carries any text as one event', async () => {
    const stream = await listen(inbox, '/events');
    const id = await send('+4511111111', 'a\r\nid: b\r\revent: reload\n\ndata: {}\n\n');
    const { data, ...rest } = await stream.next();
    expect(rest).toEqual({ id });
    expect((JSON.parse(data ?? '') as { html: string }).html).toContain('a\r\nid: b\r\revent: reload\n\ndata: {}\n\n');
    const next = await send('+4511111111', 'b');
    expect(await stream.next()).toMatchObject({ id: next });
  });

  it('lets go of those who do not read, and loses nothing for them', async () => {
    const stream = await listen(inbox, '/events');
    const ids: string[] = [];
    // Nothing is read meanwhile: this gives the event loop no turn.
    for (let n = 0; n < 20; n += 1) ids.push(await send('+4511111111', 'x'.repeat(100_000)));
    const heard: string[] = [];
    for (let id; ({ id } = await stream.next()), id !== undefined;) heard.push(id);
    expect(heard.length).toBeLessThan(20);
    const again = await listen(inbox, `/events?after=${heard.at(-1) ?? ''}`);
    while (heard.length < 20) heard.push((await again.next()).id ?? 'gone');
    expect(heard).toEqual(ids);
  });

  it('ends with the inbox', async () => {
    const stream = await listen(inbox, '/events');
    await inbox.stop();
    expect(await stream.next()).toEqual({});
    inbox = await openInbox();
  });
});

interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Reads a stream as HTML's "Server-sent events" describes it. @returns events one by one; `{}` when it has ended */
async function listen(inbox: Inbox, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${inbox.url}${path}`, { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const block = async (): Promise<string | undefined> => {
    for (;;) {
      const end = /\r?\n\r?\n|\r\r/.exec(text);
      if (end) {
        const found = text.slice(0, end.index);
        text = text.slice(end.index + end[0].length);
        return found;
      }
      // An end by force is an end.
      const read = await reader?.read().catch(() => undefined);
      if (read?.value === undefined) return undefined;
      text += read.value;
    }
  };
  return {
    async next(): Promise<StreamEvent> {
      for (;;) {
        const found = await block();
        if (found === undefined) return {};
        const fields = Object.fromEntries(found.split(/\r\n|\r|\n/).map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (fields.data !== undefined) return fields as StreamEvent;
      }
    },
  };
}
