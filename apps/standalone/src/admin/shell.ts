import type { Command } from 'commander';
import { assertMigrated, Database, migrate } from '#persistence';
import { reaching } from '#runtime';
import { provideDatabase } from '../home/provide-database.js';
import { textOf } from './text.js';

/** Says what is wrong with what was asked for, and nothing else. */
export class Refusal extends Error {}

export interface OutputOptions {
  readonly json?: true;
  readonly text?: true;
}

/** How `npm run admin` answers: as text for whoever reads it on a terminal, as JSON for whatever else takes it. */
export class Shell {
  private asText = false;

  /** @param onTerminal whether somebody reads along */
  constructor(private readonly onTerminal: boolean) {}

  /** @throws {Refusal} where both are asked for */
  choose({ json, text }: OutputOptions): void {
    if (json && text) throw new Refusal('--json and --text cannot be combined.');
    this.asText = text === true || (this.onTerminal && json !== true);
  }

  /** @param text what to show of it in place of all its fields, on a terminal */
  print(answer: unknown, text: () => string = () => textOf(answer)): void {
    process.stdout.write(`${this.asText ? text() : JSON.stringify(answer, null, 2)}\n`);
  }

  /** For whoever waits; never part of the answer. */
  say(words: string): void {
    process.stderr.write(`admin: ${words}\n`);
  }
}

/** Adds examples to the help of a command; each is what follows `npm run admin --`. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${lines.map((line) => `  npm run admin -- ${line}`).join('\n')}`);
}

/** The database of DATABASE_URL, or else the embedded one, for the time of `work`. */
export async function withDatabase<T>(work: (database: Database, url: string) => Promise<T>): Promise<T> {
  const provided = await provideDatabase();
  try {
    if (provided.embedded) await migrate(provided.url);
    const database = Database.open({ url: provided.url, poolSize: 1, onError: () => undefined });
    try {
      await reaching('DATABASE_URL', assertMigrated(database));
      return await work(database, provided.url);
    } finally {
      await database.close();
    }
  } finally {
    await provided.release();
  }
}
