import { invalidRequest, Problem, type RequestFault } from '#contracts';
import type { FastifyInstance } from 'fastify';

/** Far above the largest body of the API. */
export const bodyLimit = 64 * 1024;

/** Objects and lists inside each other; the API's own need four. Without a bound, 30,000 overflow the stack. */
const depthLimit = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON only, in UTF-8 (RFC 8259 §8.1), and only text that PostgreSQL can hold: no NUL, no half of a surrogate pair.
 * Everything else is refused here, before any of it reaches a schema.
 */
export function registerBodyParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (_request, raw, done) => {
    try {
      done(null, parse(raw as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const fault =
      findFault(request.params, '/path') ?? findFault(request.query, '/query') ?? findFault(request.body, '');
    if (fault === undefined) done();
    else done(invalidRequest(fault.pointer, fault.detail));
  });
}

function parse(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  let text: string;
  try {
    text = utf8.decode(raw);
  } catch {
    throw invalidRequest('', 'The body is not valid UTF-8.');
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalidRequest('', 'The body is not valid JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem('invalid_request', {
      detail: 'The body must be a JSON object.',
      errors: [{ pointer: '', detail: 'must be an object' }],
    });
  }
  return body;
}

/** The first text that could not be stored, keys included, or the place where it is nested too deeply. */
function findFault(value: unknown, pointer: string, depth = 0): RequestFault | undefined {
  const unstorable = { pointer, detail: 'holds a character that can not be stored' };
  if (typeof value === 'string') return isStorable(value) ? undefined : unstorable;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= depthLimit) return { pointer: '', detail: `is nested more than ${depthLimit} levels deep` };
  for (const [key, item] of Object.entries(value)) {
    const clean = key.toWellFormed().replaceAll('\0', '').replaceAll('~', '~0').replaceAll('/', '~1');
    const place = `${pointer}/${clean.slice(0, 100)}`;
    if (!isStorable(key)) return { ...unstorable, pointer: place };
    const fault = findFault(item, place, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
