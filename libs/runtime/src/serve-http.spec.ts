import { Agent, get, request as open } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Hono } from 'hono';
import { explain } from './explain.js';
import { serveHttp, type Answerer, type HttpServer } from './serve-http.js';
import { breakOff, oddRequests, sendRaw } from '../../../test/support/raw-http.js';

const secret = 'the code is 123456';
const faults: unknown[] = [];
let server: HttpServer | undefined;

async function serve(answerer: Answerer): Promise<HttpServer> {
  server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    settings: { port: 'INBOX_PORT' },
    answerer: () => answerer,
    onFault: (error) => faults.push(error),
  });
  return server;
}
afterEach(async () => {
  await server?.stop();
  server = undefined;
  faults.length = 0;
});

const broken = (chunks: number) =>
  new ReadableStream({
    pull(controller) {
      if (chunks-- > 0) controller.enqueue(new TextEncoder().encode('x'));
      else controller.error(new Error(secret));
    },
  });

const handlers: Record<string, () => unknown> = {
  throws: () => {
    throw new Error(secret);
  },
  'throws what is no error': () => {
    throw secret;
  },
  'throws nothing at all': () => {
    throw undefined;
  },
  rejects: () => Promise.reject(new Error(secret)),
  'rejects with nothing': () => Promise.reject(null),
  'answers with no Response': () => secret,
  'answers nothing': () => undefined,
  'answers a header that cannot be sent': () => new Response(secret, { headers: { 'x-words': 'a\x01b' } }),
  'answers a body that breaks at once': () => new Response(broken(0)),
  'answers a body that breaks in the middle': () => new Response(broken(3)),
};

describe('the one way to serve HTTP', () => {
  it.each(Object.keys(handlers))('goes on where a handler %s, tells of it once, and nobody else', async (name) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const handler = handlers[name];
    const { url } = await serve((request) =>
      new URL(request.url).pathname === '/well' ? new Response('well') : (handler?.() as Response),
    );
    const { status, text, ended } = await sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    // Where the head is out already, the connection is cut: a body that ends well would pass for a whole one.
    if (name.includes('body')) expect([text.endsWith('0\r\n\r\n'), ended]).toEqual([false, true]);
    else expect(status).toBe(500);
    expect(text).not.toContain('123456');
    expect(faults).toHaveLength(1);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
    expect(await (await fetch(`${url}/well`)).text()).toBe('well');
  });

  it('goes on where a handler of Hono throws', async () => {
    const app = new Hono()
      .get('/', () => {
        throw new Error(secret);
      })
      .onError((error) => {
        throw error;
      });
    const { url } = await serve(app.fetch);
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([500, 'Something went wrong here.\n']);
    expect(faults).toEqual([new Error(secret)]);
  });

  it('goes on whatever comes in, and nothing of it is a fault', async () => {
    const { url } = await serve(async (request) => new Response(`${await request.text()}${request.url}`));
    for (const [name, bytes] of oddRequests(url)) {
      const { status, ended } = await sendRaw(url, bytes);
      // Only a proxy answers CONNECT.
      if (name === 'CONNECT') expect([name, status, ended]).toEqual([name, undefined, true]);
      else expect([name, status]).toEqual([name, expect.any(Number)]);
      expect([name, status]).not.toEqual([name, 500]);
    }
    expect((await sendRaw(url, oddRequests(url).get('an address of 20 kB') ?? '')).status).toBe(431);
    expect((await sendRaw(url, oddRequests(url).get('TLS') ?? '')).status).toBe(400);
    expect(faults).toEqual([]);
    expect((await fetch(url)).status).toBe(200);
  });

  it('goes on where the other side leaves in the middle: of a head, a body, an answer, a stream', async () => {
    let streams = 0;
    const { url } = await serve(async (request) => {
      if (request.method === 'POST') return new Response(await request.text().catch(() => 'gone'));
      streams += 1;
      const endless = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => void (streams -= 1),
      });
      return new Response(endless);
    });
    const head = 'Host: x\r\n';
    for (let n = 0; n < 10; n += 1) {
      await breakOff(url, `GET / HTTP/1.1\r\n${head}`);
      await breakOff(url, `POST / HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\nabc`);
      await breakOff(url, `GET / HTTP/1.1\r\n${head}\r\n`);
    }
    await new Promise<void>((done) => {
      get(url, (response) => response.once('data', () => response.destroy()).once('close', done)).on('error', done);
    });
    // Whoever left takes nothing more.
    while (streams > 0) await new Promise((done) => setTimeout(done, 5));
    expect((await fetch(url, { method: 'POST', body: 'here' })).status).toBe(200);
    expect(faults).toEqual([]);
  });

  it('takes so many connections and no more', async () => {
    const { url, port } = await serve(() => new Response('well'));
    const sockets = Array.from({ length: 500 }, () => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('connect', done))));
    expect(await sendRaw(url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatchObject({ text: '', ended: true });
    const ended = new Promise((done) => sockets[0]?.once('close', done).destroy());
    await ended;
    let status: number | undefined;
    while (status === undefined) ({ status } = await sendRaw(url, 'GET / HTTP/1.0\r\n\r\n'));
    expect(status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('finishes what was begun when it stops, and waits for nobody else', async () => {
    const going = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const { url, stop } = await serve(async (request) => {
      if (new URL(request.url).pathname === '/endless') {
        return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }));
      }
      if (new URL(request.url).pathname === '/slow') {
        began.resolve();
        await going.promise;
      }
      return new Response('well');
    });
    // Kept alive, and so idle.
    const agent = new Agent({ keepAlive: true });
    const visit = (path: string) =>
      new Promise<string>((done, fail) => {
        open(`${url}${path}`, { agent }, (response) => {
          let text = '';
          response.on('data', (chunk) => (text += String(chunk)));
          response.on('end', () => done(text));
        })
          .on('error', fail)
          .end();
      });
    await visit('/');
    const endless = await fetch(`${url}/endless`);
    const slow = visit('/slow');
    await began.promise;
    const stopped = stop();
    going.resolve();
    expect(await slow).toBe('well');
    await stopped;
    await expect(endless.text()).rejects.toThrow('terminated');
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    // Twice is once.
    await stop();
    agent.destroy();
  });

  it('says which setting mends a port in use', async () => {
    const { port } = await serve(() => new Response('well'));
    const again = serveHttp({
      host: '127.0.0.1',
      port,
      settings: { host: 'METRICS_HOST', port: 'METRICS_PORT' },
      answerer: () => () => new Response(''),
      onFault: () => undefined,
    });
    const error = await again.catch((caught: unknown) => caught as object);
    // Node.js makes it outside of Jest's own world, where it is no `Error`.
    expect(explain(Object.assign(new Error(), error))).toBe(
      `port ${port} is in use. Set METRICS_PORT to a free port, or to 0 for any free port.`,
    );
  });
});
