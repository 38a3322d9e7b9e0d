import { MalformedError } from '../index.js';
import { LineError, readLines } from './read-lines.js';

const header = 'c2sp.org/tlog-proof@v1';
const mostBytes = 4 * 1024 * 1024;

export interface FoundProof {
  readonly text: string;
  /** Where it begins. */
  readonly line: number;
}

/**
 * Reads a file of proofs, one after the other. Between them there may be empty lines, and lines for people, which begin with
 * `#`: nothing is proved of these.
 * @throws {MalformedError}
 */
export async function* readProofs(file: string): AsyncGenerator<FoundProof> {
  let lines: string[] = [];
  let began = 1;
  let bytes = 0;
  let isSigned = false;
  for await (const { number, text, isEnded } of proofLines(file)) {
    if (text === header && lines.length > 0) {
      yield { text: lines.join(''), line: began };
      lines = [];
      bytes = 0;
      isSigned = false;
    }
    const isWithin = lines.length > 0 && !isSigned;
    if (!isWithin && (text === '' || text.startsWith('#'))) continue;
    if (lines.length === 0) began = number;
    // The signatures of its checkpoint end a proof.
    isSigned ||= text.startsWith('— ');
    lines.push(isEnded ? `${text}\n` : text);
    bytes += text.length + 1;
    if (bytes > mostBytes) throw new MalformedError('proof', `The one at line ${began} has no end.`);
  }
  if (lines.length > 0) yield { text: lines.join(''), line: began };
}

async function* proofLines(file: string) {
  try {
    yield* readLines(file);
  } catch (error) {
    if (error instanceof LineError) throw new MalformedError('proof', `Line ${error.line}: ${error.message}`);
    throw error;
  }
}
