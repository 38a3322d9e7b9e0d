import { afterEach, expect } from '@jest/globals';
import { formatVkey } from '#audit-log';
import { createLogger } from '#runtime';
import { startWitness, type RunningWitness, type WitnessOptions } from '../../apps/witness/src/start-witness.js';
import { Refusal } from '../../apps/witness/src/witness.js';
import { WatchedLogs } from '../../apps/witness/src/watched-logs.js';
import type { SomeLog } from './audit-log.js';
import { temporaryFolder } from './witness.js';

export const name = 'witness.example/w2';
const address = { host: '127.0.0.1', port: 0 };
const running: RunningWitness[] = [];

/** What the witnesses of the present test have logged. */
export const logged: Record<string, unknown>[] = [];
export const logger = createLogger('witness', {
  write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>),
});

/** A witness that watches one log; it ends with the test. */
export async function start(log: SomeLog, options: Partial<WitnessOptions> = {}): Promise<RunningWitness> {
  const logs = WatchedLogs.parse(formatVkey(log.key));
  const parts = { name, logs, folder: temporaryFolder(), address, metricsAddress: address, logger, ...options };
  const witness = await startWitness(parts);
  running.push(witness);
  return witness;
}

/** Ends the last one that was started. */
export const stopLast = async (): Promise<void> => running.pop()?.stop();

afterEach(async () => {
  for (const witness of running.splice(0)) await witness.stop();
  logged.length = 0;
});

/** A refusal in plain words. */
export const text = (words: string) => ({ type: 'text/plain; charset=UTF-8', text: expect.stringContaining(words) });

/** The status by which a witness would refuse, 200 where it does not, or another error. */
export function statusOf(work: () => unknown): unknown {
  try {
    work();
    return 200;
  } catch (error) {
    return error instanceof Refusal ? error.status : error;
  }
}
