import {
  encodeEvent,
  hashLeaf,
  MalformedError,
  parseLine,
  parseProofFile,
  tenantOfOrigin,
  UnverifiedError,
  verifyProofFile,
  type Checkpoint,
  type ProofFile,
  type SealedEvent,
} from '../index.js';
import { asUsageError, type Arguments } from './arguments.js';
import { readSmall } from './read-lines.js';
import { bad, type Result } from './result.js';
import { readPolicy } from './trust.js';

/** @throws {UsageError} where nothing could be verified */
export async function verifyProof(args: Arguments): Promise<Result> {
  try {
    const policy = await readPolicy(args);
    const proof = parseProofFile(await readSmall(args.proof ?? '-'));
    const encoding = await readEncoding(args.file, proof);
    const checkpoint = verifyProofFile(proof, hashLeaf(encoding), policy);
    const event = JSON.parse(encoding) as SealedEvent;
    const { origin } = checkpoint.head;
    if (event.tenantId !== (args.tenantId ?? tenantOfOrigin(origin)))
      return bad('other_tenant', `The event is of ${event.tenantId}, and the log is ${origin}.`, {
        index: proof.index,
      });
    return good(proof, checkpoint, encoding);
  } catch (error) {
    if (error instanceof UnverifiedError) return bad(error.reason, error.message, {});
    if (error instanceof MalformedError) return bad('malformed', `The ${error.what}: ${error.message}`, {});
    throw asUsageError(error);
  }
}

/** What should be in the log: the event of a file, or the one that the proof contains. */
async function readEncoding(file: string | undefined, { extra }: ProofFile): Promise<string> {
  const bytes = file === undefined ? extra : await readSmall(file);
  if (!bytes) throw new MalformedError('proof', 'It contains no event. Give the event in a file of its own.');
  const text = decode(bytes).replace(/\n$/, '');
  const value = parse(text);
  // A line of an export, or the event alone.
  const event = 'leafHash' in value ? eventOfLine(text) : (value as unknown as SealedEvent);
  const encoding = encode(event);
  if (!('leafHash' in value) && encoding !== text)
    throw new MalformedError('entry', 'It is not in the one spelling of RFC 8785.');
  return encoding;
}

function eventOfLine(line: string): SealedEvent {
  const parsed = parseLine(line);
  if ('start' in parsed || !parsed.event) throw new MalformedError('entry', 'The line has no event.');
  return parsed.event;
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object') return value;
  } catch {
    // No JSON at all, which is no better.
  }
  throw new MalformedError('entry', 'It is no JSON object.');
}

function encode(event: SealedEvent): string {
  try {
    return encodeEvent(event);
  } catch (error) {
    throw new MalformedError('entry', error instanceof TypeError ? error.message : 'The event is nested too deep.');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedError('entry', 'It is no UTF-8.');
  }
}

function good({ index }: ProofFile, { head, signatures, cosignatures }: Checkpoint, encoding: string): Result {
  const told = [...signatures, ...cosignatures].map(({ key, seconds }) => ({
    name: key.name,
    time: seconds === null ? null : new Date(seconds * 1000).toISOString(),
  }));
  return {
    ok: true,
    words: [
      `Good. This event is entry ${index.toLocaleString('en')} of ${head.origin}:`,
      encoding,
      ...told.map(({ name, time }) => `Signed by ${name}${time === null ? '' : ` at ${time}`}.`),
    ],
    json: {
      ok: true,
      index,
      origin: head.origin,
      size: head.size,
      signatures: told,
      event: JSON.parse(encoding) as unknown,
    },
  };
}
