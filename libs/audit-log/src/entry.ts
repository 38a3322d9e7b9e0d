import { MalformedError } from './errors.js';
import { isCanonicalJson, isPlainObject } from './canonical-json.js';
import { assertSealedEvent, encodeEvent, type SealedEvent } from './sealed-event.js';
import { decodeBase64 } from './text.js';
import { hashLeaf, isHash, TreeState } from './tree.js';

/** An entry of a log, as exports have it and as it is served. */
export interface LogEntry {
  /** From 0. */
  readonly index: number;
  /** Of the encoding of the event: what the tree is made of. */
  readonly leafHash: Uint8Array;
  /** Undefined where the log was pruned: what the tree needs is there still. */
  readonly event?: SealedEvent | undefined;
}

/** An entry that was read, and whether its leaf hash is that of its event. */
export type ReadEntry = LogEntry & { readonly leafHashFits: boolean };

/** A place where an export that does not begin at entry 0 begins. */
export interface ExportStart {
  readonly start: TreeState;
}

/**
 * The line of an export: RFC 8785 JSON, so that the bytes between `{"event":` and `,"index":` are those that are hashed. Without
 * the newline.
 * @throws {TypeError} for an event without an encoding
 */
export function formatEntry({ index, leafHash, event }: LogEntry): string {
  return formatEncodedEntry(event && encodeEvent(event), { index, leafHash });
}

/** The same line, of an event that is encoded already; undefined where it was pruned. */
export function formatEncodedEntry(
  encoding: string | undefined,
  { index, leafHash }: Pick<LogEntry, 'index' | 'leafHash'>,
): string {
  const event = encoding === undefined ? '' : `"event":${encoding},`;
  return `{${event}"index":${index},"leafHash":"${Buffer.from(leafHash).toString('base64')}"}`;
}

/** The first line of an export that begins with entry `state.size`. */
export function formatStart(state: TreeState): string {
  return `{"hashes":${JSON.stringify(state.hashes.map((bytes) => bytes.toString('base64')))},"size":${state.size}}`;
}

/**
 * Reads a line of an export.
 * @param line without the newline
 * @returns an entry; or where an export begins
 * @throws {MalformedError} for any other line, also for another spelling: what is hashed has one
 */
export function parseLine(line: string): ReadEntry | ExportStart {
  const fields = parseObject(line);
  const names = Object.keys(fields).join();
  if (names === 'hashes,size') return { start: parseStart(fields) };
  const { index, leafHash: encoded, event } = fields;
  if (names !== 'index,leafHash' && names !== 'event,index,leafHash')
    throw new MalformedError('entry', 'Its members are not event, index and leafHash.');
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0)
    throw new MalformedError('entry', 'Its index is no whole number from 0 on.');
  const leafHash = typeof encoded === 'string' ? decodeBase64(encoded) : undefined;
  if (!isHash(leafHash)) throw new MalformedError('entry', 'Its leafHash is no base 64 of 32 bytes.');
  if (names === 'index,leafHash') return { index, leafHash, leafHashFits: true };
  assertEvent(event);
  const encoding = line.slice('{"event":'.length, -`,"index":${index},"leafHash":"${encoded as string}"}`.length);
  return { index, leafHash, event, leafHashFits: hashLeaf(encoding).equals(leafHash) };
}

function parseStart({ size, hashes }: Record<string, unknown>): TreeState {
  const bytes = Array.isArray(hashes) ? hashes.map((text) => decodeBase64(String(text)) ?? Buffer.alloc(0)) : [];
  return TreeState.of(typeof size === 'number' ? size : -1, bytes);
}

/** The members of a line that has the one spelling of RFC 8785. */
function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MalformedError('entry', 'It is no JSON.');
  }
  if (!isPlainObject(value)) throw new MalformedError('entry', 'It is no JSON object.');
  if (!isSpelledOnce(line, value)) throw new MalformedError('entry', 'It is not in the one spelling of RFC 8785.');
  return value;
}

function isSpelledOnce(line: string, value: unknown): boolean {
  try {
    return isCanonicalJson(line, value);
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedError('entry', 'It is nested too deep.');
    throw error;
  }
}

function assertEvent(event: unknown): asserts event is SealedEvent {
  try {
    assertSealedEvent(event);
  } catch (error) {
    // The words name rules, and nothing of the event.
    throw new MalformedError('entry', (error as Error).message);
  }
}
