import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { optionalSetting } from '#runtime';
import { parseCount } from './arguments.js';
import { withDatabase, withExamples, type Shell } from './shell.js';
import { readStatus, type InstallationStatus } from './status/read-status.js';
import { fieldsOf, tableOf } from './text.js';

export function addStatusCommand(program: Command, shell: Shell): void {
  withExamples(
    program
      .command('status')
      .description('show versions, tenants, queues, deliveries of the last hour, lockouts, and SMS of today (UTC)')
      .option('--watch <seconds>', 'again and again, until Ctrl-C', parseCount(1, 3600))
      .addHelpText(
        'after',
        '\nCounts all users, so it takes a moment where there are many. "doctor" says whether something is wrong.',
      ),
    'status',
    'status --watch 5',
    'status --json | jq .oldestUnpublishedSeconds',
  ).action(async ({ watch }: { watch?: number }) =>
    withDatabase(async (database, url) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const queueUrl = optionalSetting('QUEUE_URL') ?? url;
      do {
        const status = await readStatus(database, queueUrl);
        shell.print(status, () => textOf(status));
        if (watch !== undefined) await sleep(watch * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
      } while (watch !== undefined && !stop.signal.aborted);
    }),
  );
}

function textOf(status: InstallationStatus): string {
  const { versions, tenants, queues, queueFault, deliveriesLastHour, lastMigration, ...figures } = status;
  const shown = tenants.map(({ twoFactorShare, ...tenant }) => ({
    ...tenant,
    share: twoFactorShare === null ? null : `${(twoFactorShare * 100).toFixed(1)} %`,
  }));
  const part = (title: string, rows: readonly object[]) =>
    `${title}\n${(rows.length === 0 ? 'None.' : tableOf(rows)).replace(/^/gm, '  ')}`;
  return [
    fieldsOf({ ...versions, lastMigration }),
    part('Tenants', shown),
    queues ? part('Queues', queues) : `Queues\n  ${queueFault ?? ''}`,
    part('Deliveries of the last hour', deliveriesLastHour),
    fieldsOf(figures),
  ].join('\n\n');
}
