import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { hold } from '../../support/hold.js';
import { RawClient } from '../../support/raw-client.js';
import { startOther } from '../../support/parallel.js';
import {
  bounds,
  connect,
  eventually,
  expectProblem,
  json,
  key,
  metric,
  panel,
  start,
  whole,
  withPatience,
} from '../../support/raw-connections.js';

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

    const body = JSON.stringify({ name: 'New name' });
    const path = `/v1/devices/${user.deviceId}`;
    const held = await hold(panel.databaseUrl, 'select from device where id = $1 for update', [user.deviceId]);
    const call = async () => {
      const client = await connect(stopping);
      client.send(...start('PATCH', path, key, json, `content-length: ${body.length}`), '', body);
      // On a slow machine a call may have given up before anybody saw it wait.
      const waits = await held.waiting(1, 3000).then(
        () => true,
        () => false,
      );
      return waits ? client : undefined;
    };
    const working = (await call()) ?? (await call()) ?? (await call());
    if (!working) throw new Error('The call never was under way.');
    const stopped = stopping.stop();
    await Promise.all(arriving.map((client) => client.closed()));
    await held.release();
    const answer = await working.answer();
    // It waits 2 s for the device, which the end of the others may have taken.
    expect([200, 503]).toContain(answer.status);
    expect(answer.headers).toMatchObject({ connection: 'close' });
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
