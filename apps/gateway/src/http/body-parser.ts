import { invalidRequest } from '#contracts';
import type { FastifyInstance } from 'fastify';
import { bodyLimit, findUnstorable, readJson } from './read-json.js';

/**
 * JSON only, in UTF-8 (RFC 8259 §8.1), and only text that PostgreSQL can hold. What addresses hold is looked at here; what
 * bodies hold where they meet their schema, which may clean it.
 */
export function registerBodyParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (_request, raw, done) => {
    try {
      done(null, (raw as Buffer).length === 0 ? undefined : readJson(raw as Buffer, 'The body'));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const fault = findUnstorable(request.params, '/path') ?? findUnstorable(request.query, '/query');
    if (fault === undefined) done();
    else done(invalidRequest(fault.pointer, fault.detail));
  });
}
