import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from '#runtime';
import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';
import type { Admission } from './admission.js';
import { lanes, type LaneName } from './admission-limits.js';
import type { Connections } from './connections.js';

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
    const ms = Math.round(reply.elapsedTime);
    logger[levelOf(method, status, reply)]({ requestId: request.id, method, route, status, ms }, 'answered');
    done();
  });
}

/**
 * What changes something, or decides a login, can be followed by its request id through all processes; what only reads
 * goes nowhere. Refusals that say when to come again are told of together, or the log would be the next thing to overflow.
 */
function levelOf(method: string, status: number, reply: FastifyReply): 'warn' | 'info' | 'debug' {
  if (status >= 500) return reply.hasHeader('retry-after') ? 'debug' : 'warn';
  return ['GET', 'HEAD', 'OPTIONS'].includes(method) ? 'debug' : 'info';
}

const refusals = 'sallyport_http_calls_refused_total';

/** A call that was refused since there are too many. */
export function countRefusal(lane: LaneName): void {
  (register.getSingleMetric(refusals) as Counter<'lane'>).inc({ lane });
}

/** What is under way, read when it is asked for. */
export function observeAdmission(admission: Admission, connections: Connections): void {
  if (!register.getSingleMetric(refusals)) {
    const help = 'Calls refused with 503 since there were too many';
    const counter = new Counter({ name: refusals, help, labelNames: ['lane'] });
    for (const lane of lanes) counter.inc({ lane }, 0);
  }
  const gauge = (name: string, help: string, count: (lane: LaneName) => number) => {
    // Of several gateways in one process, which only tests have, the last one tells.
    register.removeSingleMetric(name);
    new Gauge({
      name,
      help,
      labelNames: ['lane'],
      collect() {
        for (const lane of lanes) this.set({ lane }, count(lane));
      },
    });
  };
  gauge(
    'sallyport_http_calls_inside',
    'Calls let in whose answer has not left yet',
    (lane) => admission.count(lane).inside,
  );
  gauge('sallyport_http_calls_waiting', 'Calls that wait for their turn', (lane) => admission.count(lane).waiting);
  register.removeSingleMetric('sallyport_http_connections');
  new Gauge({
    name: 'sallyport_http_connections',
    help: 'Open connections',
    collect() {
      this.set(connections.count);
    },
  });
}
