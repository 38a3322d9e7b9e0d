import { describe, expect, test } from '@jest/globals';
import {
  connect,
  eventually,
  expectProblem,
  json,
  key,
  metric,
  panel,
  patient,
  start,
  whole,
} from '../../support/raw-connections.js';

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
