import { expect } from '@jest/globals';
import { runProgram } from './system.js';

export interface AdminAnswer {
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run admin -- …`, as compiled. */
export async function runAdmin(args: readonly string[], env: Record<string, string>): Promise<AdminAnswer> {
  const { output, ended } = runProgram('standalone/admin', [...args], env);
  const status = await ended;
  return { status, stdout: output.stdout, stderr: withoutBuild(output.stderr) };
}

/** What a program says after it was built: whoever changed a source has it built by the next test. */
export function withoutBuild(stderr: string): string {
  return stderr.replace(/^(Building …|Built in ).*\n/gm, '');
}

/** What it answers as JSON, where it is to succeed. */
export async function adminAnswer<T>(args: readonly string[], env: Record<string, string>): Promise<T> {
  const { status, stdout, stderr } = await runAdmin([...args, '--json'], env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

/** Its one line, where it is to refuse. */
export async function adminRefusal(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { status, stdout, stderr } = await runAdmin(args, env);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^admin: [^\n]+\n$/);
  return stderr;
}

/** A finding of `doctor`. */
export interface DoctorFinding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'fault' | 'skipped' | 'absent';
  readonly detail: string;
  readonly fix?: string;
}

/** What `doctor` finds, by check, and how it ends. */
export async function runDoctor(env: Record<string, string>) {
  const { status, stdout, stderr } = await runAdmin(['doctor', '--json'], env);
  expect(stderr).toBe('');
  const answer = JSON.parse(stdout) as { status: string; checks: DoctorFinding[] };
  expect({ status, answer: answer.status }).toEqual(
    answer.checks.some((check) => check.status === 'fault')
      ? { status: 1, answer: 'fault' }
      : { status: 0, answer: 'ok' },
  );
  const found = Object.fromEntries(answer.checks.map((check) => [check.check, check]));
  return {
    stdout,
    of: (name: string): DoctorFinding => found[name] ?? { check: name, status: 'absent', detail: '' },
    faults: answer.checks.filter((check) => check.status === 'fault').map(({ check }) => check),
  };
}
