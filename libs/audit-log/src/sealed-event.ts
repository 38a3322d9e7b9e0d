import { canonicalJson, isPlainObject } from './canonical-json.js';

/** An event as the log has it: everything that anyone may rely on later. */
export interface SealedEvent {
  readonly id: string;
  readonly tenantId: string;
  /** The transaction that wrote it, a decimal number as text: by it an event came to be sealed, or would not have. */
  readonly tx: string;
  readonly type: string;
  /** ISO 8601, UTC, with PostgreSQL's microseconds, kept as text: a JavaScript date would cut them off. */
  readonly time: string;
  readonly accountId: string | null;
  readonly userId: string | null;
  /** Our own id of the user: it names the key that opens `personal`. */
  readonly userRef: string | null;
  readonly requestId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Base 64 of the sealed bytes: erasing their key leaves the log whole. */
  readonly personal: string | null;
}

const textFields = ['id', 'tenantId', 'tx', 'type', 'time'] as const;
const optionalFields = ['accountId', 'userId', 'userRef', 'requestId', 'personal'] as const;
const fieldCount = textFields.length + optionalFields.length + 1;
const microseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/**
 * What is hashed of an event: the UTF-8 of its RFC 8785 JSON, an object of exactly the eleven members of `SealedEvent`,
 * absent ones as null. One event has one encoding, and one encoding is one event.
 *
 * @throws {TypeError} as `assertSealedEvent`, and for data that JSON cannot hold or holds in more than one way
 */
export function encodeEvent(event: SealedEvent): string {
  assertSealedEvent(event);
  // In the order of RFC 8785, written out: to sort eleven names that are known takes longer than all the rest.
  return (
    `{"accountId":${canonicalJson(event.accountId)},"data":${canonicalJson(event.data)},` +
    `"id":${canonicalJson(event.id)},"personal":${canonicalJson(event.personal)},` +
    `"requestId":${canonicalJson(event.requestId)},"tenantId":${canonicalJson(event.tenantId)},` +
    `"time":${canonicalJson(event.time)},"tx":${canonicalJson(event.tx)},"type":${canonicalJson(event.type)},` +
    `"userId":${canonicalJson(event.userId)},"userRef":${canonicalJson(event.userRef)}}`
  );
}

/**
 * @throws {TypeError} where a member is missing, of another type, or one too many: what is not hashed must not pass. The words
 *   name rules, and nothing of the event
 */
export function assertSealedEvent(event: unknown): asserts event is SealedEvent {
  if (!isPlainObject(event)) throw new TypeError('The event is no object.');
  for (const name of textFields) {
    if (typeof event[name] !== 'string') throw new TypeError(`The event's ${name} is not a text.`);
  }
  for (const name of optionalFields) {
    const value = event[name];
    if (value !== null && typeof value !== 'string')
      throw new TypeError(`The event's ${name} is neither text nor null.`);
  }
  if (!microseconds.test(event['time'] as string))
    throw new TypeError(`The event's time is not in UTC with six decimals.`);
  if (!isPlainObject(event['data'])) throw new TypeError(`The event's data is no object.`);
  if (Object.keys(event).length !== fieldCount)
    throw new TypeError('The event has members that the log does not know.');
}
