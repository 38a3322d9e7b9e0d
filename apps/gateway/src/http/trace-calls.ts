import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tracing, type OpenSpan } from '#runtime';

declare module 'fastify' {
  interface FastifyRequest {
    /** Where traces are on. */
    span?: OpenSpan;
  }
}

/** Asked every few seconds by whoever looks after the process. */
const looks = ['/healthz', '/readyz'];

/**
 * Has each call be a span, below the one that its header `traceparent` names: the route, never the address. A header that cannot be
 * read is passed over. Nothing is done for a call where traces are off.
 */
export function traceCalls(fastify: FastifyInstance): void {
  const traces = tracing();
  if (!traces) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url;
    if (route !== undefined && looks.includes(route)) return done();
    const facts = { 'http.request.method': method, 'http.route': route, 'sallyport.request_id': request.id };
    const span = traces.goOn(request.headers['traceparent'], {
      name: route === undefined ? method : `${method} ${route}`,
      kind: 'server',
      facts,
    });
    request.span = span;
    // Told in each case, also where the client has gone and no answer was written.
    reply.raw.once('close', () => {
      span.add({ 'sallyport.tenant_id': request.caller?.tenantId });
      if (!reply.raw.writableFinished) return span.end('aborted');
      span.add({ 'http.response.status_code': reply.statusCode });
      span.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
    });
    span.within(done);
  });
  // A body is read by what tells of its connection, which knows of no call.
  fastify.addHook('preHandler', (request, _reply, done) => inCall(request, done));
}

/** Runs work as part of a call. */
export function inCall(request: FastifyRequest, work: () => void): void {
  if (request.span) request.span.within(work);
  else work();
}
