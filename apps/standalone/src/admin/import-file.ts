import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem } from '#contracts';
import { codeOf, SettingsError } from '#runtime';

export interface ImportSummary {
  readonly lines: number;
  readonly imported: number;
  /** Imported by an earlier run. */
  readonly known: number;
  readonly refused: number;
  /** File with a line of JSON for each refusal: line number, code, words. */
  readonly report: string;
  /** False where it was stopped before the end. */
  readonly finished: boolean;
}

export interface ImportOptions {
  /** One JSON object a line. */
  readonly file: string;
  readonly report: string;
  /** Is given the bytes of a line; of one beyond the limit the first ones only, and one more than the limit. */
  take(line: Uint8Array): Promise<'imported' | 'known'>;
  /** Bytes. */
  readonly lineLimit: number;
  /** Told how far it is. */
  say(words: string): void;
  /** Ends the import between two lines. */
  readonly signal: AbortSignal;
}

const progressEveryMs = 1000;

/**
 * Imports a file line by line. Each line is a transaction of its own and is recognised when it comes again, so a run that
 * was cut off anywhere is gone on with by running it again.
 * @throws {SettingsError} where a file can't be used; other errors as they come, after saying at which line
 */
export async function importFile(options: ImportOptions): Promise<ImportSummary> {
  const { file, report, take, lineLimit, say, signal } = options;
  if (resolve(file) === resolve(report)) throw new SettingsError('the report cannot be the file that is imported.');
  const input = await openAs(file, 'r');
  try {
    const refusals = await openAs(report, 'w');
    const count = { lines: 0, imported: 0, known: 0, refused: 0 };
    const told = () => `${count.imported} imported, ${count.known} imported before, ${count.refused} refused`;
    let number = 0;
    let saidAt = Date.now();
    let finished = true;
    try {
      for await (const line of linesOf(input.createReadStream({ autoClose: false }), lineLimit)) {
        if (signal.aborted) {
          finished = false;
          break;
        }
        number += 1;
        if (isBlank(line)) continue;
        count.lines += 1;
        try {
          count[await take(line)] += 1;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          count.refused += 1;
          const { code, message, details } = error;
          const fault = { line: number, code, detail: message, ...(details.errors ? { errors: details.errors } : {}) };
          await refusals.appendFile(`${JSON.stringify(fault)}\n`);
        }
        if (Date.now() - saidAt >= progressEveryMs) {
          saidAt = Date.now();
          say(`line ${number}: ${told()}`);
        }
      }
    } catch (error) {
      say(`stopped at line ${number}: ${told()}. Run the same command again to go on.`);
      throw error;
    } finally {
      await refusals.close();
    }
    say(`${finished ? 'done' : `stopped at line ${number}`}: ${told()}${finished ? '' : '. Run it again to go on'}.`);
    return { ...count, report, finished };
  } finally {
    await input.close();
  }
}

/**
 * The lines of a file, split at line feeds and nowhere else: JSON may hold every other line break.
 * @param limit bytes that a line is given of, and one more where it is longer
 */
async function* linesOf(stream: AsyncIterable<unknown>, limit: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer) => {
    if (length <= limit) parts.push(part.subarray(0, limit + 1 - length));
    length += part.length;
  };
  const line = () => {
    const whole = Buffer.concat(parts);
    parts = [];
    length = 0;
    return whole;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end; (end = chunk.indexOf(10, start)) >= 0; start = end + 1) {
      keep(chunk.subarray(start, end));
      yield line();
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield line();
}

/** Nothing, or white space of JSON (RFC 8259 §2); also the byte order mark that some editors put in front. */
function isBlank(line: Buffer): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?[ \t\r]*$/.test(line.toString('latin1'));
}

async function openAs(file: string, flags: 'r' | 'w') {
  return open(file, flags, 0o600).catch((error: unknown) => {
    throw new SettingsError(`${file} cannot be ${flags === 'r' ? 'read' : 'written'} (${codeOf(error)}).`);
  });
}
