import { Hono } from 'hono';
import { register } from 'prom-client';
import {
  openMetrics,
  serveHttp,
  type HttpServer,
  type HttpServerOptions,
  type Logger,
  type MeasuredProcess,
} from '#runtime';
import type { Readiness } from './readiness.js';
import { tellOfProcess } from './tell-of-process.js';

/**
 * `/healthz`, `/readyz` and `/metrics` of a process, apart from any API: for who looks after it, on an address that the
 * public does not reach.
 * @param processes whose metrics there are: more than one where they run as one
 * @throws what `serveHttp` does
 */
export async function startHealthServer(
  address: Pick<HttpServerOptions, 'host' | 'port' | 'settings'>,
  readiness: Readiness,
  logger: Logger,
  processes: readonly MeasuredProcess[],
): Promise<HttpServer> {
  openMetrics(processes);
  const removeGauges = tellOfProcess(readiness);
  const app = new Hono()
    .use(async (c, next) => {
      await next();
      c.header('cache-control', 'no-store');
    })
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const answer = await readiness.look();
      return c.json(answer, answer.status === 'ready' ? 200 : 503);
    })
    .get('/metrics', async (c) => c.body(await register.metrics(), 200, { 'content-type': register.contentType }))
    .notFound((c) => c.json({ error: 'There are GET /healthz, /readyz and /metrics.' }, 404))
    // The server answers, in one way for all.
    .onError((error) => {
      throw error;
    });
  const server = await serveHttp({
    ...address,
    answerer: () => app.fetch,
    onFault: (err) => logger.error({ err }, 'a health check failed'),
  });
  const stop = async () => {
    removeGauges();
    await server.stop();
  };
  return { ...server, stop };
}
