import { createHash } from 'node:crypto';
import { canonicalJson, isPlainObject } from './canonical-json.js';

/** An event as the chain hashes it: everything that anyone may rely on later. */
export interface ChainedEvent {
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
  /** Base 64 of the sealed bytes: erasing their key leaves the chain whole. */
  readonly personal: string | null;
}

/** An event in its place. */
export interface ChainEntry {
  /** 1, 2, 3, … */
  readonly sequence: number;
  readonly event: ChainedEvent;
  readonly hash: Uint8Array;
}

/** SHA-256. */
export const hashBytes = 32;

const textFields = ['id', 'tenantId', 'tx', 'type', 'time'] as const;
const optionalFields = ['accountId', 'userId', 'userRef', 'requestId', 'personal'] as const;
const fieldCount = textFields.length + optionalFields.length + 1;

/**
 * The bytes of an event that are hashed: UTF-8 of its RFC 8785 JSON, an object of exactly the eleven members of
 * `ChainedEvent`, absent ones as null. One event has one encoding, and one encoding is one event.
 *
 * @throws {TypeError} where a member is missing, of another type, or one too many: what is not hashed must not pass
 */
export function encodeEvent(event: ChainedEvent): Buffer {
  const fields: Record<string, unknown> = { ...event };
  for (const name of textFields) {
    if (typeof fields[name] !== 'string') throw new TypeError(`The event's ${name} is not a text.`);
  }
  for (const name of optionalFields) {
    const value = fields[name];
    if (value !== null && typeof value !== 'string')
      throw new TypeError(`The event's ${name} is neither text nor null.`);
  }
  if (!isPlainObject(fields['data'])) throw new TypeError(`The event's data is no object.`);
  if (Object.keys(fields).length !== fieldCount)
    throw new TypeError('The event has members that the chain does not know.');
  return Buffer.from(canonicalJson(fields));
}

// A hash made for one purpose must never fit another: each begins with a line of its own.
const linkLabel = Buffer.from('sallyport audit link v1\n');
const genesisLabel = Buffer.from('sallyport audit genesis v1\n');

/** Where a tenant's chain begins: what stands for the hash of entry 0. */
export function genesisHash(tenantId: string): Buffer {
  return createHash('sha256').update(genesisLabel).update(tenantId).digest();
}

/**
 * The hash of an entry: SHA-256 over label, hash of the entry before (32 bytes), sequence (8 bytes, big endian) and
 * encoding. All but the last part have a fixed length, so no two entries run into the same bytes.
 *
 * @throws {TypeError} for a hash of another length, or a sequence that is no whole number from 1 on
 */
export function link(previousHash: Uint8Array, sequence: number, encoded: Uint8Array): Buffer {
  if (previousHash.length !== hashBytes) throw new TypeError(`A hash has ${hashBytes} bytes.`);
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new TypeError('A sequence is a whole number from 1 on.');
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(sequence));
  return createHash('sha256').update(linkLabel).update(previousHash).update(place).update(encoded).digest();
}
