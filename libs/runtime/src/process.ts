import { SettingsError } from './settings.js';

/** Longest time a process takes to finish what it has begun. */
export const drainMs = 30_000;

export interface RunningApp {
  /** Stops taking work, finishes what was begun, closes connections. */
  stop(): Promise<void>;
}

/** What `main.ts` of every process does: start, drain on SIGTERM or Ctrl-C, end with one clear line on a wrong setting. */
export async function runProcess(name: string, start: () => Promise<RunningApp>): Promise<void> {
  let stopping = false;
  let running: RunningApp | undefined;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`${name}: still busy after ${drainMs / 1000} s, leaving.\n`);
      process.exit(1);
    }, drainMs).unref();
    if (signal === 'SIGINT') process.stderr.write(`\n${name}: finishing what was begun …\n`);
    await running?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  try {
    running = await start();
    // A signal that came during the start has found nothing to stop yet.
    if (stopping) await running.stop();
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${(error as { port?: number }).port} is in use. Set PORT to a free one.`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return `a server can not be reached: ${message}. Check DATABASE_URL and QUEUE_URL.`;
  if (code === '28P01' || code === '28000') return `PostgreSQL refuses the login (${message}). Check DATABASE_URL.`;
  if (code === '3D000') return `PostgreSQL has no such database (${message}). Create it, or check DATABASE_URL.`;
  return stack ?? message;
}
