import { invalidRequest, Problem, type RequestFault } from '#contracts';

/** Bytes of a body, or of a line of an import: far above the largest that the API needs. */
export const bodyLimit = 64 * 1024;

/** Objects and lists inside each other; the API's own need four. Without a bound, 30,000 overflow the stack. */
const depthLimit = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A JSON object from its bytes, wherever they come from: UTF-8 (RFC 8259 §8.1), with or without a byte order mark.
 * @param what they are, for the words: as in "The body"
 * @throws {Problem} `invalid_request`; the words never quote the bytes
 */
export function readJson(raw: Uint8Array, what: string): unknown {
  let text: string;
  try {
    text = utf8.decode(raw);
  } catch {
    throw invalidRequest('', `${what} is not valid UTF-8.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidRequest('', `${what} is not JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('invalid_request', {
      detail: `${what} must be a JSON object.`,
      errors: [{ pointer: '', detail: 'must be an object' }],
    });
  }
  if (isDeeper(value, depthLimit)) throw invalidRequest('', `is nested more than ${depthLimit} levels deep`);
  return value;
}

function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((item) => isDeeper(item, limit - 1));
}

/** The first text that PostgreSQL cannot hold, keys included: with NUL, or with half of a surrogate pair. */
export function findUnstorable(value: unknown, pointer: string): RequestFault | undefined {
  const unstorable = { pointer, detail: 'contains a character that cannot be stored' };
  if (typeof value === 'string') return isStorable(value) ? undefined : unstorable;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const place = `${pointer}/${pointerToken(key)}`;
    if (!isStorable(key)) return { ...unstorable, pointer: place };
    const fault = findUnstorable(item, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** One step of a JSON pointer (RFC 6901 §3): `~` is written `~0`, `/` is written `~1`. */
export function pointerToken(key: string): string {
  return key.slice(0, 100).toWellFormed().replaceAll('\0', '').replaceAll('~', '~0').replaceAll('/', '~1');
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
