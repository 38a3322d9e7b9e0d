import type { Command } from 'commander';
import { parseLine } from './arguments.js';
import { Refusal, withExamples, type Shell } from './shell.js';
import { withOperator } from './with-operator.js';

interface ShowOptions extends InTenant {
  readonly personal?: true;
  readonly reason?: string;
}

interface InTenant {
  readonly tenant: string;
}

export function addUserCommands(program: Command, shell: Shell): void {
  const user = program
    .command('user')
    .description('look at a user, end lockouts, reset two-factor authentication')
    .addHelpText('after', '\nNeeds the keys of the gateway (SALLYPORT_KEYS, or those of the data directory).');

  withExamples(
    ofUser(user, 'show', 'show a user: devices, lockouts, recovery codes left; addresses are masked, names left out')
      .option('--personal', 'show names and addresses in full, too; the audit log says that you read them')
      .option('--reason <words>', 'why you read them, which is recorded in the audit log, sealed', parseLine(500)),
    'user show account-1 user-1 --tenant tnt_1',
    "user show account-1 user-1 --tenant tnt_1 --personal --reason 'ticket 4711: which number gets the SMS'",
  ).action(async (account: string, id: string, { tenant, personal, reason }: ShowOptions) => {
    if (personal && reason === undefined) throw new Refusal('--personal needs --reason: the audit log records both.');
    if (!personal && reason !== undefined)
      throw new Refusal('--reason is for --personal. Add --personal, or leave it out.');
    shell.print(
      await withOperator(tenant, noUser(account, id), async (operator) => {
        const shown = await operator.user(account, id);
        if (reason === undefined) return shown;
        const { devices: opened, ...names } = await operator.personal(account, id, reason);
        const devices = shown.devices.map((device) => ({ ...device, ...opened.find((one) => one.id === device.id) }));
        return { ...shown, ...names, devices };
      }),
    );
  });

  withExamples(
    ofUser(user, 'unlock', "end a user's lockouts; a disabled device has to be enrolled again"),
    'user unlock account-1 user-1 --tenant tnt_1',
  ).action(async (account: string, id: string, { tenant }: InTenant) =>
    shell.print(
      await withOperator(tenant, noUser(account, id), async (operator) => {
        const { lockouts } = await operator.user(account, id);
        await operator.unlock(account, id);
        return { accountId: account, userId: id, ended: lockouts };
      }),
    ),
  );

  withExamples(
    ofUser(
      user,
      'reset',
      'remove all devices, recovery codes and trusted browsers of a user, who is told and enrolls again',
    ).requiredOption('--reason <words>', 'the reason, which is recorded in the audit log, sealed', parseLine(500)),
    "user reset account-1 user-1 --tenant tnt_1 --reason 'lost the phone; passport seen at the desk'",
  ).action(async (account: string, id: string, { tenant, reason }: InTenant & { reason: string }) =>
    shell.print(
      await withOperator(tenant, noUser(account, id), async (operator) => {
        const { devices } = await operator.user(account, id);
        const twoFactor = await operator.reset(account, id, reason);
        const removed = devices.map((device) => ({ id: device.id, method: device.method }));
        return { accountId: account, userId: id, twoFactor, removed };
      }),
    ),
  );
}

/** A command about one user, by the panel's ids. */
function ofUser(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<account>', "the panel's id of the account")
    .argument('<user>', "the panel's id of the user")
    .requiredOption('--tenant <id>', 'tenant of the user');
}

const noUser = (account: string, user: string) =>
  `there is no user ${user} in the account ${account}. Both are the ids that the panel uses; check them and --tenant.`;
