import type { FastifyInstance, FastifyReply } from 'fastify';
import { count, gauge, gaugeOfEach, observe, openMetrics, type Logger } from '#runtime';
import type { Admission } from './admission.js';
import { lanes, type LaneName } from './admission-limits.js';
import type { Connections } from './connections.js';
import { inCall } from './trace-calls.js';

/** A histogram and a log line for each answered request. The route, never the address: ids of people are in that. */
export function observeRequests(fastify: FastifyInstance, logger: Logger): void {
  openMetrics(['gateway']);
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const status = reply.statusCode;
    const labels = { method, route, status: String(status) };
    observe('sallyport_http_request_duration_seconds', labels, reply.elapsedTime / 1000);
    const ms = Math.round(reply.elapsedTime);
    const level = levelOf(method, status, reply);
    inCall(request, () => logger[level]({ requestId: request.id, method, route, status, ms }, 'answered'));
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

/** A call that was refused since there are too many. */
export function countRefusal(lane: LaneName): void {
  count('sallyport_http_calls_refused_total', { lane });
}

/** What is under way, read when it is asked for. Of several gateways in one process, which only tests have, the last one tells. */
export function observeAdmission(admission: Admission, connections: Connections): void {
  for (const lane of lanes) count('sallyport_http_calls_refused_total', { lane }, 0);
  const ofLanes = (name: 'sallyport_http_calls_inside' | 'sallyport_http_calls_waiting', part: 'inside' | 'waiting') =>
    gaugeOfEach(name, () => lanes.map((lane) => [{ lane }, admission.count(lane)[part]] as const));
  ofLanes('sallyport_http_calls_inside', 'inside');
  ofLanes('sallyport_http_calls_waiting', 'waiting');
  gauge('sallyport_http_connections', () => connections.count);
}
