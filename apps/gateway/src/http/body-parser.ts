import { invalidRequest } from '#contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bodyLimit, findUnstorable, readJson } from './read-json.js';

const form = 'application/x-www-form-urlencoded';
export const jsonOnly = 'Send the body as application/json.';

/**
 * JSON only, in UTF-8 (RFC 8259 §8.1), and only text that PostgreSQL can hold. A call that reads its body itself gets its bytes,
 * of a form too. What addresses hold is looked at here; what
 * bodies hold where they meet their schema, which may clean it.
 */
export function registerBodyParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const isRaw = (request: FastifyRequest) => request.routeOptions.config.operation?.raw === true;
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (request, raw, done) => {
    if (isRaw(request)) {
      done(null, raw);
      return;
    }
    try {
      done(null, (raw as Buffer).length === 0 ? undefined : readJson(raw as Buffer, 'The body'));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser(form, { parseAs: 'buffer', bodyLimit }, (request, raw, done) => {
    if (isRaw(request)) done(null, raw);
    else done(invalidRequest('/headers/content-type', jsonOnly));
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const fault = findUnstorable(request.params, '/path') ?? findUnstorable(request.query, '/query');
    if (fault === undefined) done();
    else done(invalidRequest(fault.pointer, fault.detail));
  });
}
