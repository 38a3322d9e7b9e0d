import { explain } from './explain.js';
import type { Keys } from './keys.js';
import { settings, type SettingName } from './settings.js';

/** Longest time a process takes to finish what it has begun. */
export const drainMs = 30_000;

export interface RunningApp {
  /** Stops taking work, finishes what was begun, closes connections. */
  stop(): Promise<void>;
}

/** What a process is, for `--help` and for whoever sets it up. */
export interface ProcessDescription {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** Every setting that it reads; those without a default are needed unless their help says otherwise. */
  readonly settings: readonly SettingName[];
  /** Kinds of keys that it is given. */
  readonly keys: readonly (keyof Keys)[];
}

/** What `main.ts` of every process does: start, drain on SIGTERM or Ctrl-C, end with one clear line on a wrong setting. */
export async function runProcess(description: ProcessDescription, start: () => Promise<RunningApp>): Promise<void> {
  const { name } = description;
  if (answersHelp(description, `SIGTERM finishes what was begun, within ${drainMs / 1000} s.`)) return;
  let stopping = false;
  const end = async (status: number) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`${name}: still busy after ${drainMs / 1000} s, leaving.\n`);
      process.exit(1);
    }, drainMs).unref();
    // A signal during the start waits for its end: half of an app can't be stopped.
    const running = await starting.catch(() => undefined);
    try {
      await running?.stop();
    } catch (error) {
      process.stderr.write(`${name}: ${explain(error)}\n`);
      process.exit(1);
    }
    process.exit(status);
  };
  process.on('SIGTERM', () => void end(0));
  process.on('SIGINT', () => {
    if (!stopping) process.stderr.write(`\n${name}: finishing what was begun …\n`);
    void end(0);
  });
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever read the output may leave before us.
    stream.on('error', () => undefined);
  }
  // A fault of ours that nobody caught: what was begun can still be finished. Node.js would show every field of the error.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    void end(1);
  });
  const starting = start();
  try {
    await starting;
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exit(1);
  }
}

/**
 * Says what a program is, where `--help` asks for it. Any other argument ends the process with status 2: a program of
 * ours is set up by its environment.
 * @param more last line of the help
 * @returns whether it has answered and nothing else is to be done
 */
export function answersHelp(description: ProcessDescription, more: string): boolean {
  const { name } = description;
  const [argument] = process.argv.slice(2);
  if (argument === undefined) return false;
  if (argument !== '--help' && argument !== '-h') {
    process.stderr.write(`${name}: "${argument}" is not known. See --help.\n`);
    process.exit(2);
  }
  process.stdout.write(`${usage(description)}\n${more}\n`);
  return true;
}

function usage({ name, about, settings: names, keys }: ProcessDescription): string {
  const width = Math.max(...names.map((setting) => setting.length));
  const lines = names.map((setting) => `  ${setting.padEnd(width)}  ${settings[setting].help}`);
  return `${name}: ${about}\n\nSettings (environment variables):\n${lines.join('\n')}\n\nKeys it needs: ${keys.join(', ') || 'none'}.\n`;
}
