import {
  formatSignatures,
  MalformedError,
  parseNote,
  parseSignatures,
  UnverifiedError,
  verifyNote,
  type NoteSignature,
  type VerifiedSignature,
} from '#audit-log';
import type { WitnessAddress } from './read-witnesses.js';
import { WitnessFault } from './witness-fault.js';

/** From the first byte of the request to the last one of the answer. */
const patienceMs = 10_000;

/** A cosignature by ML-DSA-44 has 3,300. */
const mostAnswerBytes = 16 * 1024;

export type WitnessAnswer =
  | {
      readonly status: 'cosigned';
      /** The lines of its verified cosignature, to put after the note. */
      readonly lines: string;
    }
  /** It last cosigned a tree of this size, or refuses one of this size for another root. */
  | { readonly status: 'stale'; readonly size: number }
  /** The proof does not lead from the tree that it knows to this one. */
  | { readonly status: 'refused' };

interface Submission {
  /** Body of `add-checkpoint`. */
  readonly request: string;
  /** The note in it. */
  readonly note: string;
  readonly signal: AbortSignal;
}

/**
 * Asks a witness for a cosignature (C2SP tlog-witness). Of what it answers nothing is believed: bounded in time and size,
 * verified with its key.
 * @throws {WitnessFault}
 * @throws what `signal` says
 */
export async function askWitness(
  witness: WitnessAddress,
  { request, note, signal }: Submission,
): Promise<WitnessAnswer> {
  const { status, body } = await post(`${witness.url}/add-checkpoint`, request, signal);
  if (status === 200) return { status: 'cosigned', lines: cosignatureIn(body, note, witness) };
  if (status === 409) return { status: 'stale', size: sizeIn(body) };
  if (status === 422) return { status: 'refused' };
  if (status === 403 || status === 404) throw new WitnessFault('log_unknown', status);
  if (status >= 300 && status < 400) throw new WitnessFault('redirects', status);
  if (status >= 500 || status === 429) throw new WitnessFault('failing', status);
  throw new WitnessFault('request_refused', status);
}

/**
 * The lines of this witness in what it, or the database, says are cosignatures of a note.
 * @throws {WitnessFault}
 */
export function cosignatureIn(lines: string | Uint8Array, note: string, { key }: WitnessAddress): string {
  const [found] = verifiedIn(readSignatures(lines), note, key);
  if (!found) throw new WitnessFault('cosignature_missing');
  return formatSignatures([found.signature]);
}

function verifiedIn(
  signatures: readonly NoteSignature[],
  note: string,
  key: WitnessAddress['key'],
): VerifiedSignature[] {
  try {
    return verifyNote({ text: parseNote(note).text, signatures }, [key]);
  } catch (error) {
    if (!(error instanceof UnverifiedError)) throw error;
    throw new WitnessFault('cosignature_wrong');
  }
}

function readSignatures(lines: string | Uint8Array): NoteSignature[] {
  try {
    return parseSignatures(lines);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new WitnessFault('answer_malformed');
  }
}

function sizeIn(body: Uint8Array): number {
  const [, digits] = /^(0|[1-9]\d{0,15})\n$/.exec(Buffer.from(body).toString('latin1')) ?? [];
  const size = Number(digits);
  if (!Number.isSafeInteger(size)) throw new WitnessFault('answer_malformed', 409);
  return size;
}

async function post(url: string, body: string, signal: AbortSignal): Promise<{ status: number; body: Uint8Array }> {
  const late = AbortSignal.timeout(patienceMs);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    });
    return { status: answer.status, body: await readBounded(answer) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WitnessFault) throw error;
    throw new WitnessFault(late.aborted ? 'late' : 'unreachable');
  }
}

async function readBounded(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // What is left when this throws is not read: the iterator cancels it.
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > mostAnswerBytes) throw new WitnessFault('answer_too_long', answer.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
