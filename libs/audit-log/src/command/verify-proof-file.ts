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
  type Policy,
  type ProofFile,
  type SealedEvent,
} from '../index.js';
import { asUsageError, UsageError, type Arguments } from './arguments.js';
import { readSmall } from './read-lines.js';
import { readProofs } from './read-proofs.js';
import { bad, type Result } from './result.js';
import { readPolicy } from './trust.js';

/** So that memory has a bound. */
const mostProofs = 100_000;

interface Proved {
  readonly index: number;
  readonly encoding: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Verifies a file of one proof or more.
 * @throws {UsageError} where nothing could be verified
 */
export async function verifyProofs(args: Arguments): Promise<Result> {
  const proved: Proved[] = [];
  let at = 1;
  const refuse = (reason: string, words: string) =>
    bad(reason, at === 1 ? words : `The proof at line ${at}: ${words}`, { line: at });
  try {
    const policy = await readPolicy(args);
    for await (const { text, line } of readProofs(args.proof ?? '-')) {
      at = line;
      if (args.file !== undefined && proved.length > 0)
        throw new UsageError('EVENT is for a file with one proof, and there are several.');
      if (proved.length === mostProofs) return refuse('too_many_proofs', `There are more than ${mostProofs} proofs.`);
      const one = await verifyOne(parseProofFile(text), args, policy);
      const { origin } = one.checkpoint.head;
      const tenantId = args.tenantId ?? tenantOfOrigin(origin);
      const event = JSON.parse(one.encoding) as SealedEvent;
      if (event.tenantId !== tenantId)
        return refuse('other_tenant', `The event is of ${event.tenantId}, and the log is ${origin}.`);
      const first = proved[0]?.checkpoint.head.origin ?? origin;
      if (first !== origin) return refuse('other_log', `It is of ${origin}, and those before it are of ${first}.`);
      proved.push(one);
    }
    const [only, ...others] = proved;
    if (!only) return refuse('malformed', 'The file has no proof.');
    return others.length === 0 ? goodOne(only) : goodAll(proved);
  } catch (error) {
    if (error instanceof UnverifiedError) return refuse(error.reason, error.message);
    if (error instanceof MalformedError) return refuse('malformed', `The ${error.what}: ${error.message}`);
    throw asUsageError(error);
  }
}

async function verifyOne(proof: ProofFile, { file }: Arguments, policy: Policy): Promise<Proved> {
  const encoding = await readEncoding(file, proof);
  return { index: proof.index, encoding, checkpoint: verifyProofFile(proof, hashLeaf(encoding), policy) };
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

const signaturesOf = ({ signatures, cosignatures }: Checkpoint) =>
  [...signatures, ...cosignatures].map(({ key, seconds }) => ({
    name: key.name,
    time: seconds === null ? null : new Date(seconds * 1000).toISOString(),
  }));

const jsonOf = ({ index, encoding, checkpoint }: Proved) => ({
  index,
  origin: checkpoint.head.origin,
  size: checkpoint.head.size,
  signatures: signaturesOf(checkpoint),
  event: JSON.parse(encoding) as unknown,
});

function goodOne(proved: Proved): Result {
  const { index, encoding, checkpoint } = proved;
  return {
    ok: true,
    words: [
      `Good. This event is entry ${index.toLocaleString('en')} of ${checkpoint.head.origin}:`,
      encoding,
      ...signaturesOf(checkpoint).map(({ name, time }) => `Signed by ${name}${time === null ? '' : ` at ${time}`}.`),
    ],
    json: { ok: true, ...jsonOf(proved) },
  };
}

function goodAll(proved: readonly Proved[]): Result {
  return {
    ok: true,
    words: [
      `Good. These ${proved.length.toLocaleString('en')} events are entries of ${proved[0]?.checkpoint.head.origin}:`,
      ...proved.map(({ index, encoding }) => `${index.toLocaleString('en')}: ${encoding}`),
    ],
    json: { ok: true, proofs: proved.map(jsonOf) },
  };
}
