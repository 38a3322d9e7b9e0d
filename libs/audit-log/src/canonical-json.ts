/** Each program that reads a log has its own limit, and its stack; PostgreSQL and Go take some thousand levels. */
const deepest = 1000;

/**
 * JSON with one spelling for each value: no spaces, members sorted by their names' UTF-16 code units, numbers and
 * strings as ECMAScript writes them (RFC 8785, which is defined by just that).
 *
 * @param depth of what it stands in
 * @throws {TypeError} for what JSON can't hold, or holds in more than one way, and for more than 1,000 levels of nesting
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (typeof value === 'string') {
    // RFC 8785 §3.2.2.2: a lone surrogate has no UTF-8, so two different texts would get the same bytes.
    if (!value.isWellFormed()) throw new TypeError('The text is not well-formed Unicode.');
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('JSON has no infinity and no NaN.');
    return JSON.stringify(value);
  }
  if (depth > deepest) throw new TypeError('It is nested too deep.');
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (isPlainObject(value)) {
    let members = '';
    for (const name of Object.keys(value).toSorted()) {
      members += `${members === '' ? '' : ','}${canonicalJson(name)}:${canonicalJson(value[name], depth + 1)}`;
    }
    return `{${members}}`;
  }
  throw new TypeError(`JSON has no ${typeof value} of this kind.`);
}

/**
 * Whether a text is the canonical JSON of what it was parsed to.
 * @throws {RangeError} for a value that is nested too deep
 */
export function isCanonicalJson(text: string, value: unknown): boolean {
  // Nearly always, and in half the time: JSON.stringify writes texts and numbers as RFC 8785 wants them, and members in the
  // order in which they were read, except for names that are numbers. It takes half characters, and writes them as \ud….
  if (JSON.stringify(value) === text && hasSortedMembers(value) && !text.includes('\\ud')) return true;
  try {
    return canonicalJson(value) === text;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function hasSortedMembers(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(hasSortedMembers);
  if (value === null || typeof value !== 'object') return true;
  const members = value as Record<string, unknown>;
  let before = '';
  for (const name of Object.keys(members)) {
    if (before > name || !hasSortedMembers(members[name])) return false;
    before = name;
  }
  return true;
}

/** An object of JSON: neither an array nor an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects that JSON.parse made in another realm have that realm's prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
