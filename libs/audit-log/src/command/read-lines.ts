import { createReadStream } from 'node:fs';
import { UsageError } from './arguments.js';

/** Bytes of a line. An event has some hundreds, and calls are not let in with more than a fraction of this. */
const mostLineBytes = 4 * 1024 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Whether a newline follows. Only the last line of a file has none. */
  readonly isEnded: boolean;
}

/** A line that is no text of bearable length. */
export class LineError extends Error {
  override name = 'LineError';

  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads a file line by line, whatever is in it, in as much memory as one line may take.
 * @param file a path, or `-` for standard input
 * @throws {LineError}
 * @throws whatever the file system says
 */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  const lineOf = (bytes: Uint8Array, isEnded: boolean): Line => {
    number += 1;
    try {
      return { number, text: utf8.decode(bytes), isEnded };
    } catch {
      throw new LineError(number, 'It is no UTF-8.');
    }
  };

  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of openFile(file)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const last = chunk.subarray(from, end);
      if (length + last.length > mostLineBytes) throw tooLong(number + 1);
      yield lineOf(length === 0 ? last : Buffer.concat([...parts, last]), true);
      parts = [];
      length = 0;
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    length += rest.length;
    if (length > mostLineBytes) throw tooLong(number + 1);
    if (rest.length > 0) parts.push(rest);
  }
  if (length > 0) yield lineOf(Buffer.concat(parts), false);
}

/** Reads a whole small file. @throws {UsageError} where it is not small */
export async function readSmall(file: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of openFile(file)) {
    length += chunk.length;
    if (length > mostLineBytes) throw new UsageError(`${file} has more than ${mostLineBytes} bytes.`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function openFile(file: string): AsyncIterable<Buffer> {
  return file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
}

const tooLong = (line: number) => new LineError(line, `It has more than ${mostLineBytes} bytes.`);
