import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem } from '#contracts';
import { SettingsError } from '#runtime';

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
  take(text: string): Promise<'imported' | 'known'>;
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
  const { file, report, take, say, signal } = options;
  if (resolve(file) === resolve(report)) throw new SettingsError('the report can not be the file that is imported.');
  const input = await openAs(file, 'r');
  try {
    const refusals = await openAs(report, 'w');
    const count = { lines: 0, imported: 0, known: 0, refused: 0 };
    const told = () => `${count.imported} imported, ${count.known} imported before, ${count.refused} refused`;
    let number = 0;
    let saidAt = Date.now();
    let finished = true;
    try {
      for await (const text of input.readLines()) {
        if (signal.aborted) {
          finished = false;
          break;
        }
        number += 1;
        // Some editors put a byte order mark in front.
        const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
        if (line.trim() === '') continue;
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

async function openAs(file: string, flags: 'r' | 'w') {
  return open(file, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError(`${file} can not be ${flags === 'r' ? 'read' : 'written'} (${error.code}).`);
  });
}
