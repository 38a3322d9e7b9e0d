import { MalformedError, UnverifiedError } from './errors.js';
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import type { Policy } from './policy.js';
import { decodeBase64, decodeDecimal, decodeText } from './text.js';
import { isHash } from './tree.js';
import { verifyInclusion } from './tree-proofs.js';

/** What shows, without the log, that an entry is in it (C2SP tlog-proof). */
export interface ProofFile {
  /** Of the entry, from 0. */
  readonly index: number;
  /** As `inclusionProof` gives them for the size of the checkpoint. */
  readonly hashes: readonly Uint8Array[];
  /** The note, as it was signed. */
  readonly checkpoint: string;
  /** What nobody signed: here the encoding of the event, so that the file says what it proves. */
  readonly extra?: Uint8Array | undefined;
}

const header = 'c2sp.org/tlog-proof@v1';
const mostBytes = 4 * 1024 * 1024;
/** A tree of 2^53 leaves has no longer ones; C2SP tlog-witness bounds them by this too. */
const mostHashes = 63;

/** The text of a `.tlog-proof` file. */
export function formatProofFile({ index, hashes, checkpoint, extra }: ProofFile): string {
  const lines = [header, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...hashes.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof from whomever. Nothing in it is verified.
 * @throws {MalformedError}
 */
export function parseProofFile(input: string | Uint8Array): ProofFile {
  const text = decodeText('proof', input, mostBytes);
  const parting = text.indexOf('\n\n');
  if (parting < 0) throw new MalformedError('proof', 'It has no empty line before the checkpoint.');
  const [first, ...lines] = text.slice(0, parting).split('\n');
  if (first !== header) throw new MalformedError('proof', `Its first line is not ${header}.`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift()) : undefined;
  const index = decodeDecimal(/^index (.*)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  if (index === undefined) throw new MalformedError('proof', 'It has no line "index" with a whole number below 2^53.');
  return { index, hashes: parseHashes('proof', lines), checkpoint: text.slice(parting + 2), extra };
}

/**
 * Verifies that an entry is in a log.
 * @param leafHash of the entry, computed by whoever asks: never taken from the file
 * @returns the checkpoint that saw it
 * @throws {MalformedError} where the checkpoint is none
 * @throws {UnverifiedError} whatever the checkpoint or the place of the entry lacks
 */
export function verifyProofFile(proof: ProofFile, leafHash: Uint8Array, policy: Policy): Checkpoint {
  const checkpoint = openCheckpoint(proof.checkpoint, policy);
  const isThere = verifyInclusion({ hash: leafHash, index: proof.index }, checkpoint.head, proof.hashes);
  if (!isThere) throw new UnverifiedError('inclusion_wrong');
  return checkpoint;
}

/** What a log sends to a witness: C2SP tlog-witness, body of `add-checkpoint`. */
export interface WitnessRequest {
  /** Entries that the witness saw the last time; 0 for none. */
  readonly oldSize: number;
  /** As `consistencyProof` gives them from there to the size of the checkpoint. */
  readonly hashes: readonly Uint8Array[];
  /** The note, as it was signed. */
  readonly checkpoint: string;
}

export function formatWitnessRequest({ oldSize, hashes, checkpoint }: WitnessRequest): string {
  return `${[`old ${oldSize}`, ...hashes.map(toBase64)].join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads what a log, or anybody, sends to a witness. Nothing in it is verified.
 * @throws {MalformedError}
 */
export function parseWitnessRequest(input: string | Uint8Array): WitnessRequest {
  const text = decodeText('proof', input, mostBytes);
  const parting = text.indexOf('\n\n');
  if (parting < 0) throw new MalformedError('proof', 'It has no empty line before the checkpoint.');
  const [first = '', ...lines] = text.slice(0, parting).split('\n');
  const oldSize = decodeDecimal(/^old (.*)$/.exec(first)?.[1] ?? '');
  if (oldSize === undefined) throw new MalformedError('proof', 'It has no line "old" with a whole number below 2^53.');
  return { oldSize, hashes: parseHashes('proof', lines), checkpoint: text.slice(parting + 2) };
}

function parseExtra(line = ''): Buffer {
  const extra = decodeBase64(line.slice('extra '.length));
  if (!extra) throw new MalformedError('proof', 'Its line "extra" is no base 64.');
  return extra;
}

function parseHashes(what: 'proof', lines: readonly string[]): Buffer[] {
  if (lines.length > mostHashes) throw new MalformedError(what, `It has more than ${mostHashes} hashes.`);
  return lines.map((line) => {
    const bytes = decodeBase64(line);
    if (!bytes || !isHash(bytes)) throw new MalformedError(what, 'A hash is no base 64 of 32 bytes.');
    return bytes;
  });
}

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
