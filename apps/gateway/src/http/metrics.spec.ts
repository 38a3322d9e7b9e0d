import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLogger } from '#runtime';
import Fastify from 'fastify';
import { observeRequests } from './metrics.js';

test('what changes something is told at info by its request id; reading, and what overload refuses, is not', async () => {
  const lines: string[] = [];
  const fastify = Fastify({ genReqId: () => 'req_1' });
  observeRequests(fastify, createLogger('gateway', { write: (line: string) => void lines.push(line) }));
  fastify.all('/things/:id', (_, reply) => reply.send({}));
  fastify.post('/full', (_, reply) => reply.code(503).header('retry-after', '1').send({}));
  fastify.post('/broken', (_, reply) => reply.code(503).send({}));
  const origin = await fastify.listen({ host: '127.0.0.1', port: 0 });
  const call = async (method: 'GET' | 'HEAD' | 'POST' | 'DELETE', url: string) => {
    lines.length = 0;
    await (await fetch(`${origin}${url}`, { method })).text();
    // The answer is told of when it has left, which may be a moment after it came.
    await setTimeout(10);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const route = '/things/:id';
  expect(await call('POST', '/things/jane')).toMatchObject([
    { level: 30, requestId: 'req_1', method: 'POST', route, status: 200, msg: 'answered' },
  ]);
  expect(await call('DELETE', '/things/jane')).toMatchObject([{ level: 30, requestId: 'req_1', route }]);
  expect(JSON.stringify(await call('POST', '/things/jane'))).not.toContain('jane');
  expect(await call('GET', '/things/jane')).toEqual([]);
  expect(await call('HEAD', '/things/jane')).toEqual([]);
  expect(await call('POST', '/full')).toEqual([]);
  expect(await call('POST', '/broken')).toMatchObject([{ level: 40, requestId: 'req_1', status: 503 }]);
  await fastify.close();
});
