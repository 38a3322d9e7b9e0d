import type { Command } from 'commander';
import type { Finding, Status } from './doctor/finding.js';
import { withExamples, type Shell } from './shell.js';

const marks: Readonly<Record<Status, string>> = { ok: 'ok', warning: 'WARNING', fault: 'FAULT', skipped: '-' };

/** For what a check that came too late has left open. */
const leaveMs = 2000;

export function addDoctorCommand(program: Command, shell: Shell): void {
  withExamples(
    program
      .command('doctor')
      .description('look for what is wrong, and say how to mend it; changes nothing and sends nothing')
      .addHelpText(
        'after',
        `
Looks at settings, database, migrations, clock, keys, queue, relay, workers, audit logs, providers and disk, as far as this
shell has the settings for them: run it with the settings of the process that you doubt.
Exit status: 0 if nothing is wrong (there may be warnings), 1 if something is.`,
      ),
    'doctor',
    'doctor --json | jq \'.checks[] | select(.status == "fault")\'',
  ).action(async () => {
    // The SDKs of the providers take a while to load: no other command needs them.
    const { examine } = await import('./doctor/examine.js');
    const checks = await examine();
    const faults = checks.filter(({ status }) => status === 'fault');
    const status = faults.length > 0 ? 'fault' : 'ok';
    shell.print({ status, checks }, () => textOf(checks, faults.length));
    if (faults.length > 0) process.exitCode = 1;
    setTimeout(() => process.exit(), leaveMs).unref();
  });
}

function textOf(checks: readonly Finding[], faults: number): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const lines = checks.flatMap(({ check, status, detail, fix }) => [
    `${marks[status].padEnd(9)}${check.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}→ ${fix}`]),
  ]);
  const end = faults === 0 ? 'Nothing is wrong.' : faults === 1 ? 'One thing is wrong.' : `${faults} things are wrong.`;
  return [...lines, '', end].join('\n');
}
