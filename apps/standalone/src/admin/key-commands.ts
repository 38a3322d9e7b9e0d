import type { Command } from 'commander';
import { createApiKey, revokeApiKey, scopes, type Scope } from '#persistence';
import { parseFuture, parseLine, parseScopes, scopesHelp } from './arguments.js';
import { operator } from './operator.js';
import { Refusal, withDatabase, withExamples, type Shell } from './shell.js';
import { findKeyTenant, listKeys } from './tenants-and-keys.sql.js';
import { assertTenant } from './assert-tenant.js';

interface KeyOptions {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly application?: string;
  readonly description?: string;
  readonly expires?: Date;
}

export function addKeyCommands(program: Command, shell: Shell): void {
  const key = program.command('key').description('manage the API keys of a tenant');

  withExamples(
    key
      .command('create')
      .description('create an API key; it is shown only once')
      .requiredOption('--tenant <id>', 'tenant of the key')
      .requiredOption('--name <name>', 'name of the key', parseLine(100))
      .requiredOption('--scopes <list>', `any of ${scopes.join(', ')}, separated by commas`, parseScopes)
      .option('--application <name>', 'application that the key is bound to', parseLine(64))
      .option('--description <text>', 'what the key is used for', parseLine(500))
      .option('--expires <time>', 'when the key expires, for example 2027-12-31T00:00:00Z', parseFuture)
      .addHelpText('after', scopesHelp),
    'key create --tenant tnt_1 --name panel --scopes accounts,devices,challenges',
  ).action(async (options: KeyOptions) => {
    const { tenant: tenantId, name, application, description, expires: expiresAt } = options;
    const input = { tenantId, name, scopes: options.scopes, application, description, expiresAt, by: operator };
    const created = await withDatabase((database) => createApiKey(database, input));
    if (!created) throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
    shell.print(created);
  });

  withExamples(
    key
      .command('list')
      .description('list the API keys of a tenant, without the keys themselves')
      .requiredOption('--tenant <id>', 'tenant'),
    'key list --tenant tnt_1',
  ).action(async ({ tenant: tenantId }: { tenant: string }) =>
    shell.print(
      await withDatabase(async (database) => {
        await assertTenant(database, tenantId);
        return database.query(listKeys, { tenantId });
      }),
    ),
  );

  withExamples(
    key.command('revoke').description('revoke an API key immediately').argument('<id>', 'as in key_…'),
    'key revoke key_1',
  ).action(async (id: string) => {
    const revoked = await withDatabase(async (database) => {
      const found = await database.one(findKeyTenant, { id });
      return found !== undefined && (await revokeApiKey(database, { id, tenantId: found.tenantId, by: operator }));
    });
    if (!revoked) throw new Refusal(`there is no API key ${id} in force. "key list" shows them.`);
    shell.print({ id, revoked });
  });
}
