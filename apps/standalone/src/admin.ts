import { policyOverrideSchema } from '#contracts';
import { explain, loadKeys, optionalSetting, requiredSetting } from '#runtime';
import { Command, InvalidArgumentError } from 'commander';
import {
  assertMigrated,
  createApiKey,
  createTenant,
  Database,
  migrate,
  revokeApiKey,
  scopes,
  statement,
  type Scope,
} from '#persistence';
import { createKeyFiles } from './create-key-files.js';
import { keyFileOf } from './data-dir.js';
import { importFile } from './import-file.js';
import { provideDatabase } from './provide-database.js';

const listTenants = statement('list-tenants', 'select id, name, created_at as "createdAt" from tenant order by id');

const listKeys = statement(
  'list-tenant-api-keys',
  `select id, name, application, scopes, created_at as "createdAt", revoked_at as "revokedAt"
   from api_key where tenant_id = $1 order by id`,
);

const findTenant = statement('find-tenant', 'select id from tenant where id = $1');

const findKeyTenant = statement('find-api-key-tenant', 'select tenant_id as "tenantId" from api_key where id = $1');

/** Says what is wrong with what was asked for, and nothing else. */
class Refusal extends Error {}

interface KeyOptions {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly application?: string;
}

const program = new Command('npm run admin --')
  .description('Tenants, API keys, key files and imports from the shell. Answers are JSON.')
  .addHelpText('after', '\nIt works on DATABASE_URL, or else on the embedded database of SALLYPORT_DATA_DIR.')
  .showHelpAfterError('(--help says more)');

const tenant = program.command('tenant').description('installations of a control panel');

tenant
  .command('create')
  .description('make a tenant')
  .argument('<name>')
  .option('--countries <list>', 'where its users have their phones, as in NL,BE: codes go nowhere else', parseCountries)
  .action(async (name: string, { countries }: { countries?: string[] }) => {
    const policy = countries ? { phone: { allowedCountries: countries } } : {};
    print(await withDatabase((database) => createTenant(database, { name, policy })));
  });

tenant
  .command('list')
  .description('show every tenant')
  .action(async () => print(await withDatabase((database) => database.query(listTenants))));

const key = program.command('key').description('API keys of a tenant');

key
  .command('create')
  .description('make an API key; it is shown this once')
  .requiredOption('--tenant <id>', 'tenant that it opens')
  .requiredOption('--name <name>', 'what it is for')
  .requiredOption('--scopes <list>', `any of ${scopes.join(', ')}, separated by commas`, parseScopes)
  .option('--application <name>', 'front door of the tenant that will use it')
  .action(async (options: KeyOptions) => {
    const { tenant: tenantId, name, application } = options;
    const input = { tenantId, name, scopes: options.scopes, application };
    const created = await withDatabase((database) => createApiKey(database, input));
    if (!created) throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
    print(created);
  });

key
  .command('list')
  .description('show the API keys of a tenant, without the keys themselves')
  .requiredOption('--tenant <id>', 'tenant')
  .action(async (options: { tenant: string }) =>
    print(await withDatabase((database) => database.query(listKeys, [options.tenant]))),
  );

key
  .command('revoke')
  .description('end an API key at once')
  .argument('<id>', 'as in key_…')
  .action(async (id: string) => {
    const revoked = await withDatabase(async (database) => {
      const found = await database.one<{ tenantId: string }>(findKeyTenant, [id]);
      return found !== undefined && (await revokeApiKey(database, { id, tenantId: found.tenantId }));
    });
    if (!revoked) throw new Refusal(`there is no API key ${id} in force. "key list" shows them.`);
    print({ id, revoked });
  });

program
  .command('keys')
  .description('key files and passwords of the separate processes')
  .command('create')
  .description('make a key file for each process, and .env for docker-compose.yml; nothing is overwritten')
  .option('--dir <folder>', 'where the key files go', '.keys')
  .action(async ({ dir }: { dir: string }) => print(await createKeyFiles({ dir, environment: '.env' })));

program
  .command('import')
  .description('bring in authenticator apps from another system, one JSON object a line; run it again to go on')
  .argument(
    '<file>',
    '{"accountId","userId","name","secret","algorithm"?,"digits"?,"period"?,"displayName"?,"email"?,"phone"?,"locale"?}',
  )
  .requiredOption('--tenant <id>', 'tenant that the users belong to')
  .option('--report <file>', 'where each refusal is written, by line number; <file>.refused.ndjson where left out')
  .action(async (file: string, options: { tenant: string; report?: string }) => {
    const { tenant: tenantId, report = `${file}.refused.ndjson` } = options;
    const summary = await withDatabase(async (database) => {
      if (!(await database.one(findTenant, [tenantId]))) {
        throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
      }
      const keyFile = optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR'));
      const keys = loadKeys(['sealing', 'pepper'], { SALLYPORT_KEYS: keyFile });
      // The gateway's use cases take a while to load: only this command needs them.
      const { openBulkImport } = await import('../../gateway/src/bulk-import.js');
      const { take } = openBulkImport({ database, keys, tenantId });
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const say = (words: string) => process.stderr.write(`admin: ${words}\n`);
      return importFile({ file, report, take, say, signal: stop.signal });
    });
    print(summary);
    if (summary.refused > 0 || !summary.finished) process.exitCode = 1;
  });

function parseCountries(text: string): string[] {
  const asked = text.split(',').map((country) => country.trim().toUpperCase());
  const parsed = policyOverrideSchema.safeParse({ phone: { allowedCountries: asked } });
  if (parsed.success) return asked;
  throw new InvalidArgumentError('must be ISO 3166 codes separated by commas, as in NL,BE; "*" is every country.');
}

function parseScopes(text: string): Scope[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = scopes.find((scope) => scope === name);
    if (!known) throw new InvalidArgumentError(`"${name}" is no scope: choose among ${scopes.join(', ')}.`);
    return known;
  });
}

async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const provided = await provideDatabase();
  try {
    if (provided.embedded) await migrate(provided.url);
    const database = await Database.open({ url: provided.url, poolSize: 1, onError: () => undefined });
    try {
      await assertMigrated(database).catch((error: Error) => {
        throw new Refusal(error.message);
      });
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await provided.release();
  }
}

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`admin: ${error instanceof Refusal ? error.message : explain(error)}\n`);
  process.exitCode = 1;
}
