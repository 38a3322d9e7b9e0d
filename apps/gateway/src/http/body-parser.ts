import { invalidRequest, Problem } from '#contracts';
import type { FastifyInstance } from 'fastify';

/** Far above the largest body of the API. */
export const bodyLimit = 64 * 1024;

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
    const fault = badText(request.params, '/path') ?? badText(request.query, '/query') ?? badText(request.body, '');
    if (fault === undefined) done();
    else done(invalidRequest(fault, 'holds a character that can not be stored'));
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
    throw new Problem('invalid_request', { detail: 'The body must be a JSON object.', errors: [{ pointer: '', detail: 'must be an object' }] });
  }
  return body;
}

/** Pointer to the first text that could not be stored, keys included. */
function badText(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? pointer : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const clean = key.toWellFormed().replaceAll('\0', '').replaceAll('~', '~0').replaceAll('/', '~1');
    if (key.includes('\0') || !key.isWellFormed()) return `${pointer}/${clean.slice(0, 100)}`;
    const fault = badText(item, `${pointer}/${clean}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
