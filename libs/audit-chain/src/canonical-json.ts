/**
 * JSON with one spelling for each value: no spaces, members sorted by their names' UTF-16 code units, numbers and
 * strings as ECMAScript writes them (RFC 8785, which is defined by just that).
 *
 * @throws {TypeError} for what JSON can't hold, or holds in more than one way
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('JSON has no infinity and no NaN.');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // RFC 8785 §3.2.2.2: a lone surrogate has no UTF-8, so two different texts would get the same bytes.
    if (!value.isWellFormed()) throw new TypeError('The text is not well-formed Unicode.');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) {
    const names = Object.keys(value).toSorted();
    return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`).join(',')}}`;
  }
  throw new TypeError(`JSON has no ${typeof value} of this kind.`);
}

/** An object of JSON: neither an array nor an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects that JSON.parse made in another realm have that realm's prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
