import type { FastifyInstance } from 'fastify';
import type { Logger } from '#runtime';
import { collectDefaultMetrics, Histogram, register } from 'prom-client';

/** A histogram and a log line for each answered request. The route, never the address: ids of people are in that. */
export function observeRequests(fastify: FastifyInstance, logger: Logger): void {
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
  const name = 'sallyport_http_request_duration_seconds';
  const known = register.getSingleMetric(name) as Histogram<'method' | 'route' | 'status'> | undefined;
  const durations =
    known ??
    new Histogram({
      name,
      help: 'Time from request to answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const status = reply.statusCode;
    durations.observe({ method, route, status }, reply.elapsedTime / 1000);
    if (status >= 500) logger.warn({ requestId: request.id, method, route, status }, 'answered');
    else logger.debug({ requestId: request.id, method, route, status, ms: Math.round(reply.elapsedTime) }, 'answered');
    done();
  });
}
