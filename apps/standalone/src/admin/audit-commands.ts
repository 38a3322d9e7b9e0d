import type { Command } from 'commander';
import { acceptLog, auditStateDir, listLogs } from '../../../audit-worker/src/audit-worker.module.js';
import { addExportCommand } from '../audit-export/export-command.js';
import { parseSequence } from './arguments.js';
import { listSetAsideEvents, sealEventsAgain } from './set-aside-events.js';
import { Refusal, withDatabase, withExamples, type Shell } from './shell.js';

export function addAuditCommands(program: Command, shell: Shell): void {
  const audit = program
    .command('audit')
    .description('export audit logs; manage those that are no longer signed, and events that were set aside')
    .addHelpText(
      'after',
      '\n"logs" and "accept" use the checkpoints in AUDIT_STATE_DIR: run them where the audit worker runs.',
    );

  addExportCommand(audit, withDatabase, (answer) => shell.print(answer));

  withExamples(
    audit
      .command('logs')
      .description(
        'show the length of each log, the entry of its last checkpoint, and whether the log still contains it',
      ),
    'audit logs',
  ).action(async () => shell.print(await withDatabase((database) => listLogs(database, auditStateDir()))));

  withExamples(
    audit
      .command('accept')
      .description('resume signing a log that no longer contains its last checkpoint; the log records it')
      .requiredOption('--tenant <id>', 'tenant of the log')
      .requiredOption(
        '--sequence <number>',
        'accept the log as it is from this entry on; 0 for the start',
        parseSequence,
      )
      .requiredOption('--reason <words>', 'the reason, which is recorded in the log'),
    "audit accept --tenant tnt_1 --sequence 4711 --reason 'restored the backup of 2 March'",
  ).action(async (options: { tenant: string; sequence: number; reason: string }) => {
    const { tenant: tenantId, sequence, reason } = options;
    const accepted = await withDatabase((database) =>
      acceptLog(database, auditStateDir(), { tenantId, sequence, reason }),
    );
    if (!accepted)
      throw new Refusal(`the log of ${tenantId} has no entry ${sequence}. "audit logs" shows how far it goes.`);
    shell.print({ tenantId, sequence, ...accepted });
  });

  withExamples(
    audit.command('set-aside').description('list events that could not be sealed'),
    'audit set-aside',
  ).action(async () => shell.print(await withDatabase(listSetAsideEvents)));

  withExamples(
    audit
      .command('seal-again')
      .description('try again to seal events that were set aside, for example after an update')
      .argument('<id...>', 'as in evt_…'),
    'audit seal-again evt_1',
  ).action(async (ids: string[]) => {
    const sealed = await withDatabase((database) => sealEventsAgain(database, ids));
    if (sealed.length === 0) throw new Refusal('none of these was set aside. "audit set-aside" shows those that were.');
    shell.print(sealed);
  });
}
