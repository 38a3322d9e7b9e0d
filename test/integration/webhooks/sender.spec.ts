import { afterEach, describe, expect, it } from '@jest/globals';
import { addressesOf, guardedAgent, nameServers } from '../../../apps/webhook-worker/src/guarded-agent.js';
import { post, type Answer } from '../../../apps/webhook-worker/src/post.js';
import { startNameServer } from '../../support/name-server.js';
import { selfSigned, silence, startReceiver, status, type Receiver } from '../../support/webhook-receiver.js';
import { isPublicAddress, type AllowPrivate } from '#runtime';

/** One attempt against receivers that mean harm, and names that lead elsewhere (T28). */

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

async function receiver(tls?: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const started = await startReceiver(tls);
  ends.push(() => started.close());
  return started;
}

interface Way {
  readonly allowPrivate?: AllowPrivate;
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  readonly ca?: string;
}

async function send(url: string, { allowPrivate = true, resolve = nameServers(), ca }: Way = {}): Promise<Answer> {
  const guard = { allowPrivate, resolve };
  const agent = guardedAgent(guard, ca === undefined ? {} : { ca });
  ends.push(() => agent.destroy());
  const target = new URL(url);
  const message = { url: target, headers: { 'webhook-id': 'evt_1' }, body: '{"a":1}' };
  return post(agent, message, () => addressesOf(target.hostname, guard));
}

describe('an attempt', () => {
  it('posts once, and takes any 2xx for taken', async () => {
    const { url, received, next } = await receiver();
    next(status(200), status(204), status(299));
    for (const httpStatus of [200, 204, 299])
      expect(await send(`${url}?a=b`)).toEqual({ httpStatus, error: null, retryAfterMs: 0 });
    expect(received.map(({ path, body }) => `${path} ${body}`)).toEqual(Array(3).fill('/hook?a=b {"a":1}'));
  });

  it('takes everything else for a failure, and follows nobody', async () => {
    const [first, target] = [await receiver(), await receiver()];
    for (const code of [301, 302, 303, 307, 308]) {
      first.next(status(code, { location: target.url }));
      expect(await send(first.url)).toEqual({ httpStatus: code, error: 'redirect', retryAfterMs: 0 });
    }
    for (const code of [304, 400, 404, 410, 500, 503]) {
      first.next(status(code));
      expect(await send(first.url)).toMatchObject({
        httpStatus: code,
        error: code === 304 ? 'redirect' : `http-${code}`,
      });
    }
    expect(target.received).toEqual([]);
    expect(first.received.length).toBe(11);
  });

  it('heeds Retry-After of 429 and 503 alone', async () => {
    const { url, next } = await receiver();
    next(
      status(429, { 'retry-after': '120' }),
      status(503, { 'retry-after': '7' }),
      status(500, { 'retry-after': '7' }),
    );
    next(status(429, { 'retry-after': 'soon' }), status(429, { 'retry-after': '-5' }));
    const waits: number[] = [];
    for (let count = 0; count < 5; count += 1) waits.push((await send(url)).retryAfterMs);
    expect(waits).toEqual([120_000, 7000, 0, 0, 0]);
    const date = new Date(Date.now() + 60_000);
    next(status(429, { 'retry-after': date.toUTCString() }));
    expect((await send(url)).retryAfterMs).toBeGreaterThan(50_000);
  });

  it('ends in time, whether the receiver says nothing or says it byte by byte', async () => {
    const [silent, heads, bodies] = [await receiver(), await receiver(), await receiver()];
    silent.answer(silence);
    heads.answer(({ socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
      const drip = setInterval(() => socket?.write('a'), 100);
      socket?.once('close', () => clearInterval(drip));
    });
    bodies.answer((answer) => {
      answer.writeHead(200);
      const drip = setInterval(() => answer.write('a'), 100);
      answer.once('close', () => clearInterval(drip));
    });
    const answers = await Promise.all([silent, heads, bodies].map(({ url }) => send(url)));
    const late = { httpStatus: null, error: 'timeout', retryAfterMs: 0 };
    // That it took the message is said by then; what it says besides nobody waits for.
    expect(answers).toEqual([late, late, { httpStatus: 200, error: null, retryAfterMs: 0 }]);
  });

  it('reads no more of an answer than it must', async () => {
    const { url, answer } = await receiver();
    let written = 0;
    const flooded = new Promise<void>((closed) =>
      answer((response) => {
        response.writeHead(500);
        const part = Buffer.alloc(65_536);
        const more = () => {
          while (!response.destroyed && written < 500_000_000) {
            written += part.length;
            if (!response.write(part)) return void response.once('drain', more);
          }
        };
        response.once('close', () => closed());
        more();
      }),
    );
    expect(await send(url)).toMatchObject({ httpStatus: 500 });
    await flooded;
    expect(written).toBeLessThan(50_000_000);
  });

  it('takes what is no HTTP, no TLS, or not there for a failure, by a short name', async () => {
    const gone = await startReceiver();
    await gone.close();
    expect(await send(gone.url)).toMatchObject({ error: 'connection-refused' });
    const { url, port, answer } = await receiver();
    answer(({ socket }) => void socket?.end('220 mail.example ESMTP\r\n'));
    expect(await send(url)).toMatchObject({ error: 'answer-not-http' });
    answer(({ socket }) => void socket?.destroy());
    expect(await send(url)).toMatchObject({ error: 'broken-off' });
    expect(await send(`https://127.0.0.1:${port}/`)).toMatchObject({ error: 'tls' });
    expect(await send('https://a.invalid/', { resolve: () => Promise.reject(new Error('Who?')) })).toMatchObject({
      error: 'broken-off',
    });
  });

  it('calls nobody whose certificate is of another name, or signed by nobody', async () => {
    const pair = selfSigned('hooks.example');
    const { port, received } = await receiver(pair);
    const resolve = () => Promise.resolve(['127.0.0.1']);
    const by = (host: string, ca?: string) => send(`https://${host}:${port}/`, { resolve, ...(ca ? { ca } : {}) });
    expect(await by('hooks.example')).toMatchObject({ error: 'tls' });
    expect(await by('other.example', pair.cert)).toMatchObject({ error: 'tls' });
    expect(received).toEqual([]);
    expect(await by('hooks.example', pair.cert)).toMatchObject({ httpStatus: 204 });
    expect(received[0]?.headers['host']).toBe(`hooks.example:${port}`);
  });
});

describe('the guard of addresses', () => {
  const refused = { httpStatus: null, error: 'private-address', retryAfterMs: 0 };

  it('refuses an address that is not public, in the URL and by its name', async () => {
    const { url, port, received, most } = await receiver();
    for (const host of [
      '127.0.0.1',
      'localhost',
      'a.localhost',
      '127.1',
      '2130706433',
      '0x7f.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
    ])
      expect(await send(`http://${host}:${port}/hook`, { allowPrivate: false })).toEqual(refused);
    const resolve = (...ips: string[]) => ({ allowPrivate: false, resolve: () => Promise.resolve(ips) });
    for (const ips of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::ffff:7f00:1'],
      ['169.254.169.254'],
      ['fe80::1%lo'],
      ['127.1'],
    ])
      expect(await send(`http://hooks.example:${port}/`, resolve(...ips))).toEqual(refused);
    expect([received.length, most.connections]).toEqual([0, 0]);
    expect(await send(url, { allowPrivate: true })).toMatchObject({ httpStatus: 204 });
  });

  it('refuses a name whose address changes between the look and the connection', async () => {
    const { port, most } = await receiver();
    let looks = 0;
    // The first look finds a public address, the connection this machine.
    const servers = await startNameServer(() => {
      looks += 1;
      return looks === 1 ? ['93.184.216.34'] : ['127.0.0.1'];
    });
    ends.push(servers.close);
    const resolve = nameServers([servers.address]);
    const found = await addressesOf('rebound.example', { allowPrivate: false, resolve });
    expect(found.every((ip) => isPublicAddress(ip))).toBe(true);
    looks = 0;
    expect(await send(`http://rebound.example:${port}/`, { allowPrivate: false, resolve })).toEqual(refused);
    expect(looks).toBe(2);
    expect(most.connections).toBe(0);
  });

  it('connects to what was judged, and asks no second time', async () => {
    const { port, received } = await receiver();
    let looks = 0;
    const servers = await startNameServer(() => {
      looks += 1;
      return looks <= 2 ? ['127.0.0.1'] : ['10.0.0.1'];
    });
    ends.push(servers.close);
    const resolve = nameServers([servers.address]);
    expect(await send(`http://hooks.example:${port}/`, { resolve })).toMatchObject({ httpStatus: 204 });
    expect([received.length, looks]).toEqual([1, 2]);
  });

  it('waits for no name server that says nothing', async () => {
    const servers = await startNameServer(() => new Promise(() => undefined));
    ends.push(servers.close);
    const names = Array.from({ length: 20 }, (_, n) => `http://silent${n}.example/`);
    const silent = Promise.all(names.map((url) => send(url, { resolve: nameServers([servers.address]) })));
    const { url, received } = await receiver();
    expect(await send(url)).toMatchObject({ httpStatus: 204 });
    expect(received.length).toBe(1);
    expect(new Set((await silent).map(({ error }) => error))).toEqual(new Set(['name-servers']));
  });
});
