import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, register } from 'prom-client';
import { SettingsError, type RunningApp } from '#runtime';
import type { Readiness } from './readiness.js';

/**
 * `/healthz`, `/readyz` and `/metrics` of a process that has no API of its own.
 * @param address port 0 takes any free one
 * @throws {SettingsError} where the port is in use
 */
export async function startHealthServer(
  address: { readonly host: string; readonly port: number },
  readiness: Readiness,
): Promise<RunningApp & { readonly url: string }> {
  collectDefaultMetrics();
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    const sendJson = (status: number, body: object) => send(status, 'application/json', JSON.stringify(body));
    switch (request.method === 'GET' ? request.url : undefined) {
      case '/healthz':
        return sendJson(200, { status: 'ok' });
      case '/readyz':
        return void readiness.look().then((answer) => sendJson(answer.status === 'ready' ? 200 : 503, answer));
      case '/metrics':
        return void register.metrics().then((text) => send(200, register.contentType, text));
      default:
        return sendJson(404, { error: 'There are GET /healthz, /readyz and /metrics.' });
    }
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = new SettingsError(
        `port ${address.port} is in use. Set HEALTH_PORT to a free one, or to 0 for any.`,
      );
      fail(error.code === 'EADDRINUSE' ? inUse : error);
    });
    server.listen(address.port, address.host, done);
  });
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
