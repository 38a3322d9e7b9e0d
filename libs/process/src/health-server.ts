import { Hono } from 'hono';
import { collectDefaultMetrics, register } from 'prom-client';
import { serveHttp, type HttpServer, type HttpServerOptions, type Logger } from '#runtime';
import type { Readiness } from './readiness.js';

/**
 * `/healthz`, `/readyz` and `/metrics` of a process, apart from any API: for who looks after it, on an address that the
 * public does not reach.
 * @throws what `serveHttp` does
 */
export function startHealthServer(
  address: Pick<HttpServerOptions, 'host' | 'port' | 'settings'>,
  readiness: Readiness,
  logger: Logger,
): Promise<HttpServer> {
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
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
  return serveHttp({
    ...address,
    answerer: () => app.fetch,
    onFault: (err) => logger.error({ err }, 'a health check failed'),
  });
}
