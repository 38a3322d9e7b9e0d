import { Problem } from '#contracts';
import { explain, explainConnection, late, SettingsError, within } from '#runtime';

/** `skipped`: it could not be looked at from here, and why. */
export type Status = 'ok' | 'warning' | 'fault' | 'skipped';

export interface Finding {
  /** Always the same word for the same check: scripts may look for it. */
  readonly check: string;
  readonly status: Status;
  /** What was found, without secrets. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

type Found = Omit<Finding, 'check'>;

/** Longest time that one check takes, in ms: a broken installation is often one that does not answer. */
const patienceMs = 15_000;

/**
 * Makes one check. It never throws: what goes wrong in it is what it has found.
 * @param fix what helps where the check itself fails
 */
export async function find(
  check: string,
  fix: string,
  look: () => Promise<Found>,
  ms: number = patienceMs,
): Promise<Finding> {
  try {
    const found = await within(ms, look());
    if (found !== late) return { check, ...found };
    return { check, status: 'fault', detail: `no answer within ${ms / 1000} s`, fix };
  } catch (error) {
    return { check, status: 'fault', detail: wordsOf(error), fix };
  }
}

export const ok = (detail: string): Found => ({ status: 'ok', detail });
export const skipped = (detail: string): Found => ({ status: 'skipped', detail });
export const warning = (detail: string, fix: string): Found => ({ status: 'warning', detail, fix });
export const fault = (detail: string, fix: string): Found => ({ status: 'fault', detail, fix });

/** In one line, and never with the stack of an error that we did not foresee: it may quote what it worked on. */
function wordsOf(error: unknown): string {
  if (error instanceof SettingsError || error instanceof Problem) return error.message;
  if (error instanceof Error && 'saysAll' in error) return explain(error);
  const known = explainConnection(error);
  if (known !== undefined) return known;
  const { name = 'Error', message = '' } = (error ?? {}) as Partial<Error>;
  return /^The queue did not /.test(message) ? message : `the check failed (${name})`;
}
