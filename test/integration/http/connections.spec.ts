import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { hold } from '../../support/hold.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { RawClient, type RawAnswer } from '../../support/raw-client.js';
import { startOther, type OtherGateway } from '../../support/parallel.js';

/** So short that a test can wait for them; those of operators stand in `connections.ts`. */
const bounds = { headersMs: 300, requestMs: 600, silenceMs: 800, remainderMs: 200, drainMs: 300, connections: 40 };

/** Waits for a body as long as a test runs: what it ends sooner, it ends for another reason. */
const withPatience = { ...bounds, requestMs: 600_000, silenceMs: 600_000 };

let panel: TestPanel;
let patient: OtherGateway;
let gateway: OtherGateway;
let key: string;
beforeAll(async () => {
  panel = await startPanel();
  patient = await startOther(panel, 4, { bounds: withPatience });
  // The metrics are those of the last one.
  gateway = await startOther(panel, 4, { bounds });
  key = `authorization: Bearer ${panel.apiKey}`;
});
afterAll(async () => {
  await gateway.stop();
  await patient.stop();
  await panel.stop();
});

const clients: RawClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.leave();
});
async function connect({ url } = gateway): Promise<RawClient> {
  const client = await RawClient.connect(url);
  clients.push(client);
  return client;
}

const json = 'content-type: application/json';
const start = (method: string, path: string, ...headers: string[]) => [
  `${method} ${path} HTTP/1.1`,
  'host: gateway',
  ...headers,
];
const whole = (method: string, path: string, ...headers: string[]) => [...start(method, path, ...headers), '', ''];

/** RFC 9457, and the contract's conventions. */
function expectProblem(answer: RawAnswer, status: number, code: string): void {
  const { headers, body } = answer;
  expect({ status: answer.status, code: body.code }).toEqual({ status, code });
  expect(headers['content-type']).toMatch(/^application\/problem\+json\b/);
  expect(body).toMatchObject({ type: `urn:sallyport:problem:${code}`, status, title: expect.any(String) });
  expect(body.detail).toMatch(/\w{2,} \w{2,}/);
  expect(body.requestId).toMatch(/^req_[0-9a-z]{26}$/);
  expect(headers['x-request-id']).toBe(body.requestId);
  expect(headers['cache-control']).toBe('no-store');
}

async function metric(line: string): Promise<number> {
  const text = await register.metrics();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(`${line} `))
      ?.slice(line.length),
  );
}

async function eventually(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await what()); waited += 20) {
    if (waited > 20_000) throw new Error('It never came to that.');
    await sleep(20);
  }
}

describe('a body that never comes', () => {
  const bodies: [string, string][] = [
    ['announced', 'content-length: 100'],
    ['announced as a very large one', 'content-length: 1000000000'],
    ['in chunks that never end', 'transfer-encoding: chunked'],
  ];
  test.each(bodies)('is not waited for where there is no key: %s', async (_, length) => {
    const client = await connect(patient);
    client.send(...start('POST', '/v1/challenges', json, length), '', '');
    const answer = await client.answer();
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    // Nor does it hold the connection.
    expect(await client.closed()).toBe('');
  });

  test.each([
    ['a key that is none', 401, 'unauthenticated', 'POST', '/v1/challenges', () => 'authorization: Bearer none'],
    [
      'an unknown key',
      401,
      'unauthenticated',
      'POST',
      '/v1/challenges',
      () => `authorization: Bearer sp_${'x'.repeat(43)}`,
    ],
    ['a call that does not exist', 404, 'not_found', 'POST', '/v1/nothing', () => key],
    ['another method', 405, 'http_method_not_allowed', 'POST', '/v1/audit/events', () => key],
    ['an address that does not decode', 400, 'invalid_request', 'POST', '/v1/%zz', () => key],
    ['another content type', 400, 'invalid_request', 'POST', '/v1/challenges', () => `${key}\r\ncontent-type: a/b`],
    ['a body that is too large', 400, 'invalid_request', 'PUT', '/v1/policy', () => `${key}\r\n${json}`],
    ['a public address', 200, undefined, 'GET', '/healthz', () => 'accept: */*'],
  ])('is not waited for with %s', async (what, status, code, method, path, header) => {
    const client = await connect(patient);
    const length = what.includes('large') ? 100_000 : 100;
    client.send(...whole(method, path, header(), `content-length: ${length}`));
    const answer = await client.answer();
    if (code === undefined) expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } });
    else expectProblem(answer, status, code);
    expect(await client.closed()).toBe('');
  });

  test('is not waited for with a key of another scope', async () => {
    const client = await connect(patient);
    const audit = await panel.key(['audit']);
    client.send(...whole('POST', '/v1/challenges', `authorization: Bearer ${audit}`, json, 'content-length: 100'));
    expectProblem(await client.answer(), 403, 'insufficient_scope');
    expect(await client.closed()).toBe('');
  });

  test.each([
    ...bodies.filter(([name]) => !name.includes('large')),
    ['by drips', 'content-length: 100'],
    ['by drips of chunks', 'transfer-encoding: chunked'],
  ])('is waited for with a key, but not for ever: %s', async (name, length) => {
    const client = await connect();
    client.send(...whole('POST', '/v1/challenges', key, json, length));
    const drip = setInterval(() => {
      if (name.includes('drips')) client.send(length.includes('chunked') ? '1\r\n \r\n' : ' ');
    }, 50);
    const answer = await client.answer();
    clearInterval(drip);
    expectProblem(answer, 408, 'invalid_request');
    expect(answer.headers['connection']).toBe('close');
    expect(await client.closed()).toBe('');
    await eventually(async () => (await metric('sallyport_http_calls_inside{lane="login"}')) === 0);
  });

  test('gives its place back when the client leaves instead', async () => {
    for (let count = 0; count < 20; count += 1) {
      const client = await connect();
      client.send(...whole('POST', '/v1/challenges', key, json, 'content-length: 100'));
      client.leave();
    }
    await eventually(async () => (await metric('sallyport_http_calls_inside{lane="login"}')) === 0);
  });
});

describe('Expect: 100-continue', () => {
  const expecting = (...headers: string[]) =>
    whole('PUT', '/v1/accounts/expected', ...headers, json, 'content-length: 2', 'expect: 100-continue');

  test('is answered once the key has been looked at', async () => {
    const client = await connect();
    client.send(...expecting(key));
    expect((await client.answer()).status).toBe(100);
    client.send('{}');
    expect(await client.answer()).toMatchObject({ status: 200, body: { id: 'expected' } });
  });

  test('is not where the key is not good', async () => {
    const client = await connect();
    client.send(...expecting());
    expectProblem(await client.answer(), 401, 'unauthenticated');
    expect(await client.closed()).toBe('');
  });

  test('of something else is refused', async () => {
    const client = await connect();
    client.send(...whole('GET', '/healthz', 'expect: miracles'));
    expectProblem(await client.answer(), 417, 'invalid_request');
  });
});

describe('after a refusal', () => {
  test('the connection goes on where the body came all the same', async () => {
    const client = await connect();
    client.send(...start('PUT', '/v1/policy', json, 'content-length: 60000'), '', '');
    expectProblem(await client.answer(), 401, 'unauthenticated');
    client.send('x'.repeat(60_000));
    client.send(...whole('GET', '/v1/accounts', key));
    expect((await client.answer()).status).toBe(200);
  });

  test('what was sent behind it gets its own answer', async () => {
    const client = await connect();
    const refused = `${whole('PUT', '/v1/policy', json, 'content-length: 8').join('\r\n')}{"a": 1}`;
    const next = [whole('GET', '/v1/accounts', key), whole('GET', '/v1/nothing', key)];
    client.send(refused + next.map((lines) => lines.join('\r\n')).join(''));
    expectProblem(await client.answer(), 401, 'unauthenticated');
    expect((await client.answer()).status).toBe(200);
    expectProblem(await client.answer(), 404, 'not_found');
  });
});

describe('what is no request', () => {
  const large = `x-large: ${'x'.repeat(20_000)}`;
  test.each([
    ['words', 400, ['Good morning', '', '']],
    ['another protocol', 400, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '', '']],
    ['HTTP/2 without asking', 400, ['PRI * HTTP/2.0', '', 'SM', '', '']],
    ['a version that does not exist', 400, ['GET /healthz HTTP/9.9', 'host: gateway', '', '']],
    ['a method that does not exist', 400, ['FETCH /healthz HTTP/1.1', 'host: gateway', '', '']],
    ['a line without an address', 400, ['GET', '', '']],
    ['a header without a name', 400, whole('GET', '/healthz', ': value')],
    ['a header with a control character', 400, whole('GET', '/healthz', 'x-a: \x00')],
    ['no host', 400, ['GET /healthz HTTP/1.1', '', '']],
    ['a length that is no number', 400, whole('POST', '/v1/challenges', 'content-length: many')],
    ['two lengths', 400, whole('POST', '/v1/challenges', 'content-length: 1', 'content-length: 2')],
    ['a length and chunks', 400, whole('POST', '/v1/challenges', 'content-length: 1', 'transfer-encoding: chunked')],
    ['a proxy wanted', 400, ['CONNECT panel.example:443 HTTP/1.1', 'host: panel.example:443', '', '']],
    ['headers that are too large', 431, whole('GET', '/healthz', large)],
    ['headers that are very much too large', 431, whole('GET', '/healthz', `x-large: ${'x'.repeat(3_000_000)}`)],
    ['an address that is too large', 431, whole('GET', `/healthz?${'x'.repeat(20_000)}`)],
  ])('is refused in our form: %s', async (_, status, lines) => {
    const client = await connect();
    client.send(...lines);
    const answer = await client.answer();
    expectProblem(answer, status, 'invalid_request');
    expect(answer.headers['connection']).toBe('close');
    expect(await client.closed()).toBe('');
  });

  test.each([
    ['a chunk that is none', 'chunked', 'no chunk\r\n'],
    ['a chunk without an end', 'chunked', '2\r\n{}2\r\n'],
    ['an unknown encoding', 'gzip', '{}'],
    ['a chunk with very long extensions', 'chunked', `2;${'x'.repeat(20_000)}\r\n`],
  ])('in a body that was waited for: %s', async (what, encoding, text) => {
    const client = await connect();
    client.send(...whole('POST', '/v1/challenges', key, json, `transfer-encoding: ${encoding}`));
    client.send(text);
    const answer = await client.answer();
    expectProblem(answer, what.includes('extensions') ? 413 : 400, 'invalid_request');
    expect(answer.headers['connection']).toBe('close');
    expect(await client.closed()).toBe('');
    await eventually(async () => (await metric('sallyport_http_calls_inside{lane="login"}')) === 0);
  });

  test('behind a request: that is answered first', async () => {
    const client = await connect();
    client.send(`${whole('GET', '/v1/accounts', key).join('\r\n')}Good morning\r\n\r\n`);
    expect((await client.answer()).status).toBe(200);
    expectProblem(await client.answer(), 400, 'invalid_request');
    expect(await client.closed()).toBe('');
  });

  test('behind a refusal that was answered already: one answer, and the end', async () => {
    const client = await connect();
    client.send(...whole('POST', '/v1/challenges', json, 'transfer-encoding: chunked'));
    expectProblem(await client.answer(), 401, 'unauthenticated');
    client.send('no chunk\r\n');
    expect(await client.closed()).toBe('');
  });

  test.each([
    ['nothing at all', [], 0],
    ['half of the headers', start('GET', '/healthz').slice(0, 1), 0],
    ['headers by drips', start('GET', '/healthz'), 50],
  ])('and what never becomes one: %s', async (_, lines, everyMs) => {
    const client = await connect(patient);
    client.send(...lines);
    const drip = everyMs === 0 ? undefined : setInterval(() => client.send('', 'x-a: b'), everyMs);
    const answer = await client.answer();
    clearInterval(drip);
    expectProblem(answer, 408, 'invalid_request');
    expect(await client.closed()).toBe('');
  });
});

describe('connections', () => {
  const known = async () => {
    const client = await connect();
    client.send(...whole('GET', '/v1/accounts', key));
    expect((await client.answer()).status).toBe(200);
    return client;
  };

  test('that never showed a key go first when there are too many', async () => {
    const panels = await Promise.all([known(), known()]);
    const strangers: RawClient[] = [];
    for (let count = 0; count < 2 * bounds.connections; count += 1) {
      const stranger = await connect();
      // An outsider may well ask what needs no key.
      if (count % 2 === 0) stranger.send(...whole('GET', '/healthz'));
      strangers.push(stranger);
      await sleep(1);
    }
    await eventually(() => strangers.filter(({ isOpen }) => isOpen).length <= bounds.connections);
    expect(strangers[0]?.isOpen).toBe(false);
    for (const one of [...panels, await known()]) {
      expect(one.isOpen).toBe(true);
      one.send(...whole('GET', '/v1/accounts', key));
      expect((await one.answer()).status).toBe(200);
    }
  });

  test('that nothing is done on go when all have shown one', async () => {
    const panels: RawClient[] = [];
    for (let count = 0; count < bounds.connections; count += 1) panels.push(await known());
    await known();
    await eventually(() => panels.some(({ isOpen }) => !isOpen));
  });
});

// From here on with gateways of their own: the metrics are those of the last one.

describe('a stop', () => {
  test('waits for what is under way, and for nothing that is still arriving', async () => {
    const user = await panel.totpUser();
    const stopping = await startOther(panel, 4, { bounds: withPatience });
    const arriving = await Promise.all([connect(stopping), connect(stopping), connect(stopping), connect(stopping)]);
    arriving[1]?.send('GET /hea');
    arriving[2]?.send(...whole('POST', '/v1/challenges', key, json, 'content-length: 100'));
    arriving[3]?.send(...whole('POST', '/v1/challenges', json, 'content-length: 100'));
    const kept = await connect(stopping);
    kept.send(...whole('GET', '/healthz'));
    expect((await kept.answer()).status).toBe(200);

    const working = await connect(stopping);
    const body = JSON.stringify({ name: 'New name' });
    const path = `/v1/devices/${user.deviceId}`;
    const held = await hold(panel.databaseUrl, 'select from device where id = $1 for update', [user.deviceId]);
    working.send(...start('PATCH', path, key, json, `content-length: ${body.length}`), '', body);
    await held.waiting(1);
    const stopped = stopping.stop();
    await Promise.all(arriving.map((client) => client.closed()));
    await held.release();
    const answer = await working.answer();
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' }, body: { name: 'New name' } });
    await stopped;
  });
});

test('a client that does not read its answers loses its connection', async () => {
  // By no other bound: half of a request may be left where reading stopped.
  const fresh = await startOther(panel, 4, {
    bounds: { ...withPatience, headersMs: 600_000, silenceMs: bounds.silenceMs },
  });
  await connect(fresh);
  const open = () => metric('sallyport_http_connections');
  expect(await open()).toBe(1);
  const client = await connect(fresh);
  client.stopReading();
  // More than the network itself takes in: some 40 MB on a new Linux.
  for (let count = 0; count < 800; count += 1) client.send(...whole('GET', '/openapi.json'));
  await eventually(async () => (await open()) === 2);
  await eventually(async () => (await open()) === 1);
  await fresh.stop();
});

test('a client that is refused over and over is heard again as often as others are answered', async () => {
  const strict = await startOther(panel, 4, { bounds: { refusalsPerSecond: 0, refusalsPerCall: 1 } });
  const stubborn = await connect(strict);
  const refused = whole('GET', '/v1/accounts', 'authorization: Bearer none');
  stubborn.send(...refused);
  expectProblem(await stubborn.answer(), 401, 'unauthenticated');
  stubborn.send(...refused);
  const answer = stubborn.answer();
  const client = await connect(strict);
  for (let count = 0; count < 20; count += 1) {
    client.send(...whole('GET', '/healthz'));
    expect((await client.answer()).status).toBe(200);
  }
  expect(await Promise.race([answer, 'none'])).toBe('none');
  client.send(...whole('GET', '/v1/accounts', key));
  expect((await client.answer()).status).toBe(200);
  expectProblem(await answer, 401, 'unauthenticated');
  await strict.stop();
});
