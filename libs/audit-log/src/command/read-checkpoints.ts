import { MalformedError, openCheckpoint, UnverifiedError, type Policy, type TreeHead } from '../index.js';
import { LineError, readLines } from './read-lines.js';

/** So that memory has a bound: at one in ten seconds, those of two months. */
const mostCheckpoints = 500_000;

/** A checkpoint that is not to be believed, or none at all. */
export class CheckpointError extends Error {
  override name = 'CheckpointError';

  constructor(
    readonly reason: string,
    /** Where it begins. */
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

export interface ReadCheckpoint {
  readonly head: TreeHead;
  readonly line: number;
}

/**
 * Reads a file of checkpoints, one note after the other, and verifies each.
 * @throws {CheckpointError} at the first that is not to be believed
 */
export async function* readCheckpoints(file: string, policy: Policy): AsyncGenerator<ReadCheckpoint> {
  let count = 0;
  for await (const { note, line } of readNotes(file)) {
    count += 1;
    if (count > mostCheckpoints)
      throw new CheckpointError('too_many_checkpoints', line, `There are more than ${mostCheckpoints} checkpoints.`);
    try {
      yield { head: openCheckpoint(note, policy).head, line };
    } catch (error) {
      if (error instanceof MalformedError) throw new CheckpointError('checkpoint_malformed', line, error.message);
      if (error instanceof UnverifiedError) throw new CheckpointError(error.reason, line, error.message);
      throw error;
    }
  }
}

/** The text of a checkpoint has no empty line, and its signatures begin with a dash: so notes can stand one after the other. */
async function* readNotes(file: string): AsyncGenerator<{ note: string; line: number }> {
  let lines: string[] = [];
  let bytes = 0;
  let began = 1;
  let isSigned = false;
  for await (const { number, text, isEnded } of checkpointLines(file)) {
    const isSignature = text.startsWith('— ');
    if (isSigned && !isSignature) {
      yield { note: lines.join(''), line: began };
      lines = [];
      bytes = 0;
      isSigned = false;
    }
    if (lines.length === 0 && text === '') continue;
    if (lines.length === 0) began = number;
    isSigned ||= isSignature;
    lines.push(isEnded ? `${text}\n` : text);
    bytes += text.length + 1;
    if (bytes > 1024 * 1024) throw new CheckpointError('checkpoint_malformed', began, 'It has no end.');
  }
  if (lines.length > 0) yield { note: lines.join(''), line: began };
}

async function* checkpointLines(file: string) {
  try {
    yield* readLines(file);
  } catch (error) {
    if (error instanceof LineError) throw new CheckpointError('checkpoint_malformed', error.line, error.message);
    throw error;
  }
}
