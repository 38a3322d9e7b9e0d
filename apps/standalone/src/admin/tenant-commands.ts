import type { Command } from 'commander';
import { createTenant } from '#persistence';
import { parseCountries, parseLine } from './arguments.js';
import { withDatabase, withExamples, type Shell } from './shell.js';
import { listTenants } from './tenants-and-keys.sql.js';

export function addTenantCommands(program: Command, shell: Shell): void {
  const tenant = program.command('tenant').description('manage tenants: installations of a control panel');

  withExamples(
    tenant
      .command('create')
      .description('create a tenant')
      .argument('<name>', 'name of the tenant', parseLine(100))
      .option('--countries <list>', 'countries that codes can be sent to, for example NL,BE', parseCountries),
    "tenant create 'Customer panel' --countries NL,BE",
  ).action(async (name: string, { countries }: { countries?: string[] }) => {
    const policy = countries ? { phone: { allowedCountries: countries } } : {};
    shell.print(await withDatabase((database) => createTenant(database, { name, policy })));
  });

  withExamples(tenant.command('list').description('list all tenants'), 'tenant list').action(async () =>
    shell.print(await withDatabase((database) => database.query(listTenants))),
  );
}
