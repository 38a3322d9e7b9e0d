import { explain, loadHeldKeys, loadKeys, optionalSetting, reaching, requiredSetting } from '#runtime';
import { Command } from 'commander';
import {
  acceptKeys,
  assertKnownKeys,
  assertMigrated,
  createApiKey,
  createTenant,
  Database,
  migrate,
  revokeApiKey,
  scopes,
  type Scope,
} from '#persistence';
import { acceptLog, auditStateDir, listLogs } from '../../audit-worker/src/audit-worker.module.js';
import { addRestoredCommand } from './admin/restored-command.js';
import { addRotateCommands } from './admin/rotate-keys-command.js';
import { addExportCommand } from './audit-export/export-command.js';
import { addWebhookKey, createKeyFiles } from './create-key-files.js';
import { keyFileOf } from './home/data-dir.js';
import { discardDeadJobs, listDeadJobs, retryDeadJobs, showJob } from './dead-jobs.js';
import type { DeadJob } from './dead-jobs.sql.js';
import { importFile } from './import-file.js';
import { provideDatabase } from './provide-database.js';
import { listSetAsideEvents, sealEventsAgain } from './set-aside-events.js';
import { findKeyTenant, findTenant, listKeys, listTenants } from './admin.sql.js';
import { parseLine, parseCountries, parseScopes, parseFuture, parseSequence, scopesHelp } from './admin-arguments.js';

/** Says what is wrong with what was asked for, and nothing else. */
class Refusal extends Error {}

interface KeyOptions {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly application?: string;
  readonly description?: string;
  readonly expires?: Date;
}

const program = new Command('npm run admin --')
  .description('Manage tenants, API keys, key files, imports, failed jobs and the audit log. Output is JSON.')
  .addHelpText('after', '\nUses the database of DATABASE_URL, or else the embedded database in SALLYPORT_DATA_DIR.')
  .showHelpAfterError('(see --help)');

const tenant = program.command('tenant').description('manage tenants: installations of a control panel');

tenant
  .command('create')
  .description('create a tenant')
  .argument('<name>', 'name of the tenant', parseLine(100))
  .option('--countries <list>', 'countries that codes can be sent to, for example NL,BE', parseCountries)
  .action(async (name: string, { countries }: { countries?: string[] }) => {
    const policy = countries ? { phone: { allowedCountries: countries } } : {};
    print(await withDatabase((database) => createTenant(database, { name, policy })));
  });

tenant
  .command('list')
  .description('list all tenants')
  .action(async () => print(await withDatabase((database) => database.query(listTenants))));

const key = program.command('key').description('manage the API keys of a tenant');

key
  .command('create')
  .description('create an API key; it is shown only once')
  .requiredOption('--tenant <id>', 'tenant of the key')
  .requiredOption('--name <name>', 'name of the key', parseLine(100))
  .requiredOption('--scopes <list>', `any of ${scopes.join(', ')}, separated by commas`, parseScopes)
  .option('--application <name>', 'application that the key is bound to', parseLine(64))
  .option('--description <text>', 'what the key is used for', parseLine(500))
  .option('--expires <time>', 'when the key expires, for example 2027-12-31T00:00:00Z', parseFuture)
  .addHelpText('after', scopesHelp)
  .action(async (options: KeyOptions) => {
    const { tenant: tenantId, name, application, description, expires: expiresAt } = options;
    const input = { tenantId, name, scopes: options.scopes, application, description, expiresAt };
    const created = await withDatabase((database) => createApiKey(database, input));
    if (!created) throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
    print(created);
  });

key
  .command('list')
  .description('list the API keys of a tenant, without the keys themselves')
  .requiredOption('--tenant <id>', 'tenant')
  .action(async (options: { tenant: string }) =>
    print(await withDatabase((database) => database.query(listKeys, { tenantId: options.tenant }))),
  );

key
  .command('revoke')
  .description('revoke an API key immediately')
  .argument('<id>', 'as in key_…')
  .action(async (id: string) => {
    const revoked = await withDatabase(async (database) => {
      const found = await database.one(findKeyTenant, { id });
      return found !== undefined && (await revokeApiKey(database, { id, tenantId: found.tenantId }));
    });
    if (!revoked) throw new Refusal(`there is no API key ${id} in force. "key list" shows them.`);
    print({ id, revoked });
  });

const keys = program.command('keys').description('manage key files, and the keys that the database knows');

keys
  .command('accept')
  .description(
    'accept the keys of SALLYPORT_KEYS after you have changed them on purpose, so that processes start with them',
  )
  .action(async () => {
    const source = optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR'));
    const held = loadHeldKeys({ SALLYPORT_KEYS: source });
    print(await withDatabase((database) => acceptKeys(database, held)));
  });

keys
  .command('add-webhook')
  .description('add one new key of webhooks to key files that were created before there were webhooks')
  .argument('<files...>', 'key files of the gateway and of the webhook worker; one that does not exist is created')
  .action(async (files: string[]) => print({ keys: await addWebhookKey(files) }));

keys
  .command('create')
  .description('create a key file for each process, and .env for docker-compose.yml; existing files are kept')
  .option('--dir <folder>', 'folder for the key files', '.keys')
  .action(async ({ dir }: { dir: string }) => print(await createKeyFiles({ dir, environment: '.env' })));

addRotateCommands(keys, withDatabase, print);
addRestoredCommand(program, withDatabase, print, parseLine(500));

program
  .command('import')
  .description('import authenticator apps from another system, one JSON object per line; run it again to continue')
  .argument(
    '<file>',
    '{"accountId","userId","name","secret","algorithm"?,"digits"?,"period"?,"displayName"?,"email"?,"phone"?,"locale"?}',
  )
  .requiredOption('--tenant <id>', 'tenant that the users belong to')
  .option('--report <file>', 'file for refused lines, with their line numbers (default: <file>.refused.ndjson)')
  .action(async (file: string, options: { tenant: string; report?: string }) => {
    const { tenant: tenantId, report = `${file}.refused.ndjson` } = options;
    const summary = await withDatabase(async (database) => {
      if (!(await database.one(findTenant, { id: tenantId }))) {
        throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
      }
      const keyFile = optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR'));
      const keys = loadKeys(['sealing', 'pepper'], { SALLYPORT_KEYS: keyFile });
      // Codes that are imported under other keys would never be right.
      await assertKnownKeys(database, keys);
      // The gateway's use cases take a while to load: only this command needs them.
      const { openBulkImport } = await import('../../gateway/src/bulk-import.js');
      const { take, lineLimit } = await openBulkImport({ database, keys, tenantId });
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const say = (words: string) => process.stderr.write(`admin: ${words}\n`);
      return importFile({ file, report, take, lineLimit, say, signal: stop.signal });
    });
    print(summary);
    if (summary.refused > 0 || !summary.finished) process.exitCode = 1;
  });

const jobs = program.command('jobs').description('manage jobs that failed on every attempt and were set aside');

jobs
  .command('list')
  .description('list all jobs that were set aside')
  .action(async () => print(await withDatabase(listDeadJobs)));

jobs
  .command('show')
  .description('show an unfinished job')
  .argument('<id>', 'as in evt_… or dlv_…')
  .action(async (id: string) => {
    const found = await withDatabase((database) => showJob(database, id));
    if (!found)
      throw new Refusal(`there is no job ${id}: it is done or never existed. "jobs list" shows the jobs set aside.`);
    print(found);
  });

jobs
  .command('retry')
  .description('retry jobs: each is published again, and set aside again if it still fails')
  .argument('[id...]', 'as in evt_… or dlv_…')
  .option('--all', 'all jobs that were set aside')
  .action((ids: string[], options: { all?: true }) => withDeadJobs(ids, options, retryDeadJobs));

jobs
  .command('discard')
  .description('discard jobs permanently; the audit log records it')
  .argument('[id...]', 'as in evt_… or dlv_…')
  .option('--all', 'all jobs that were set aside')
  .action((ids: string[], options: { all?: true }) => withDeadJobs(ids, options, discardDeadJobs));

const audit = program
  .command('audit')
  .description('export audit logs; manage those that are no longer signed, and events that were set aside')
  .addHelpText(
    'after',
    '\n"logs" and "accept" use the checkpoints in AUDIT_STATE_DIR: run them where the audit worker runs.',
  );

addExportCommand(audit, withDatabase, print);

audit
  .command('logs')
  .description('show the length of each log, the entry of its last checkpoint, and whether the log still contains it')
  .action(async () => print(await withDatabase((database) => listLogs(database, auditStateDir()))));

audit
  .command('accept')
  .description('resume signing a log that no longer contains its last checkpoint; the log records it')
  .requiredOption('--tenant <id>', 'tenant of the log')
  .requiredOption('--sequence <number>', 'accept the log as it is from this entry on; 0 for the start', parseSequence)
  .requiredOption('--reason <words>', 'the reason, which is recorded in the log')
  .action(async ({ tenant: tenantId, sequence, reason }: { tenant: string; sequence: number; reason: string }) => {
    const accepted = await withDatabase((database) =>
      acceptLog(database, auditStateDir(), { tenantId, sequence, reason }),
    );
    if (!accepted)
      throw new Refusal(`the log of ${tenantId} has no entry ${sequence}. "audit logs" shows how far it goes.`);
    print({ tenantId, sequence, ...accepted });
  });

audit
  .command('set-aside')
  .description('list events that could not be sealed')
  .action(async () => print(await withDatabase(listSetAsideEvents)));

audit
  .command('seal-again')
  .description('try again to seal events that were set aside, for example after an update')
  .argument('<id...>', 'as in evt_…')
  .action(async (ids: string[]) => {
    const sealed = await withDatabase((database) => sealEventsAgain(database, ids));
    if (sealed.length === 0) throw new Refusal('none of these was set aside. "audit set-aside" shows those that were.');
    print(sealed);
  });

/** Does something with jobs that were set aside: those named, or all. */
async function withDeadJobs(
  ids: readonly string[],
  { all }: { all?: true },
  work: (database: Database, ids: readonly string[]) => Promise<DeadJob[]>,
): Promise<void> {
  if (ids.length > 0 === (all === true)) throw new Refusal('name the jobs, or use --all.');
  const done = await withDatabase(async (database) =>
    work(database, all ? (await listDeadJobs(database)).map(({ id }) => id) : ids),
  );
  const missing = ids.filter((id) => !done.some((job) => job.id === id));
  print(done);
  if (missing.length > 0) throw new Refusal(`not set aside: ${missing.join(', ')}. "jobs list" shows those that are.`);
}

async function withDatabase<T>(work: (database: Database, url: string) => Promise<T>): Promise<T> {
  const provided = await provideDatabase();
  try {
    if (provided.embedded) await migrate(provided.url);
    const database = Database.open({ url: provided.url, poolSize: 1, onError: () => undefined });
    try {
      await reaching('DATABASE_URL', assertMigrated(database));
      return await work(database, provided.url);
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
