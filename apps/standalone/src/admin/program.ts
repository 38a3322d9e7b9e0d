import { Command } from 'commander';
import { addAuditCommands } from './audit-commands.js';
import { addDashboardCommand } from './dashboard-command.js';
import { addDeliveryCommands } from './delivery-commands.js';
import { addDoctorCommand } from './doctor-command.js';
import { addImportCommand } from './import-command.js';
import { addJobCommands } from './job-commands.js';
import { addKeyCommands } from './key-commands.js';
import { addKeysCommands } from './keys-commands.js';
import { addRestoredCommand } from './restored-command.js';
import { Shell, type OutputOptions } from './shell.js';
import { addStatusCommand } from './status-command.js';
import { addTenantCommands } from './tenant-commands.js';
import { addUserCommands } from './user-commands.js';

/** All of `npm run admin`; it does nothing until it is given arguments. */
export function adminProgram(shell: Shell): Command {
  const program = new Command('npm run admin --')
    .description('Look after an installation: its state, users, deliveries, jobs, keys, tenants and audit logs.')
    .addHelpText(
      'after',
      `
Uses the database of DATABASE_URL, or else the embedded database in SALLYPORT_DATA_DIR.
Answers as text on a terminal and as JSON elsewhere; --json and --text choose.
Exit status: 0 if all was done and nothing is wrong, 1 if not.
docs/admin.md describes every command.`,
    )
    .showHelpAfterError('(see --help)')
    .hook('preAction', (_, command) => shell.choose(command.opts<OutputOptions>()));

  addDoctorCommand(program, shell);
  addStatusCommand(program, shell);
  addDashboardCommand(program, shell);
  addUserCommands(program, shell);
  addDeliveryCommands(program, shell);
  addJobCommands(program, shell);
  addTenantCommands(program, shell);
  addKeyCommands(program, shell);
  addKeysCommands(program, shell);
  addImportCommand(program, shell);
  addAuditCommands(program, shell);
  addRestoredCommand(program, shell);
  for (const command of leavesOf(program)) {
    for (const option of command.options) if (option.mandatory) option.description += ' (required)';
    command.option('--json', 'answer as JSON').option('--text', 'answer as text');
  }
  return program;
}

/** The commands that do something; the others only group them. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
