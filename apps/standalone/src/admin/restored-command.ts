import type { Command } from 'commander';
import type { Database } from '#persistence';
import { eventForEachTenant } from '../event-for-each-tenant.js';
import { parseLine } from './arguments.js';
import { endWhatCameBack, type Restored } from './restored-command.sql.js';
import { withDatabase, withExamples, type Shell } from './shell.js';

const help = `
Run this after you have restored a backup or failed over to a replica that was behind, before the gateways start. What was
used up since then would otherwise be good again: codes of authenticator apps, sent codes, proofs, trusted browsers. Everybody
is asked for a new code at the next login, and a code of an app works again after a minute at most.

What it cannot know is in docs/runbook.md: recovery codes that were used, API keys that were revoked, devices that were removed
and users that were erased since the backup are there again.`;

/** `restored`: what a backup brings back and must not be good again. */
export function addRestoredCommand(program: Command, shell: Shell): void {
  withExamples(
    program
      .command('restored')
      .description('end codes, challenges, proofs and trusted browsers that a restored backup has brought back')
      .requiredOption('--reason <words>', 'what was restored; recorded in the log of every tenant', parseLine(500))
      .addHelpText('after', help),
    'restored --reason "Backup of 27 November, 03:00"',
  ).action(async ({ reason }: { reason: string }) => {
    shell.print(await withDatabase((database) => endRestored(database, reason)));
  });
}

/** @returns for each tenant, what was ended */
export async function endRestored(database: Database, reason: string): Promise<Restored[]> {
  return database.query(endWhatCameBack, { reason, eventIds: await eventForEachTenant(database) });
}
