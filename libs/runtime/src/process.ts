import { explain } from './explain.js';

/** Longest time a process takes to finish what it has begun. */
export const drainMs = 30_000;

export interface RunningApp {
  /** Stops taking work, finishes what was begun, closes connections. */
  stop(): Promise<void>;
}

/** What `main.ts` of every process does: start, drain on SIGTERM or Ctrl-C, end with one clear line on a wrong setting. */
export async function runProcess(name: string, start: () => Promise<RunningApp>): Promise<void> {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`${name}: still busy after ${drainMs / 1000} s, leaving.\n`);
      process.exit(1);
    }, drainMs).unref();
    if (signal === 'SIGINT') process.stderr.write(`\n${name}: finishing what was begun …\n`);
    // A signal during the start waits for its end: half of an app can't be stopped.
    const running = await starting.catch(() => undefined);
    await running?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  const starting = start();
  try {
    await starting;
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exit(1);
  }
}
