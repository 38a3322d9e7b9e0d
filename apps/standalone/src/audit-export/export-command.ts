import { InvalidArgumentError, Option, type Command } from 'commander';
import { eventNamesOf, exportFormats, type ExportFormat } from '#audit-events';
import { newId } from '#contracts';
import { assertKnownKeys, Sealer, type Database } from '#persistence';
import { codeOf, loadKeys, optionalSetting, requiredSetting, SettingsError } from '#runtime';
import { keyFileOf } from '../home/data-dir.js';
import { exportFile, preparePlace } from './export-file.js';
import { selectEnd, tellExport, type EventFilters } from './export-log.sql.js';
import { ExportProgress } from './export-progress.js';
import { exportTiles, prepareTiles } from './export-tiles.js';

interface ExportOptions {
  readonly tenant: string;
  readonly format: ExportFormat | 'tiles';
  readonly out: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly type?: readonly string[];
  readonly account?: string;
  readonly user?: string;
  readonly personal?: true;
  readonly resume?: true;
  readonly force?: true;
  readonly quiet?: true;
}

const examples = `
Examples:
  # the whole log as it was hashed, for npm run audit:verify
  npm run admin -- audit export --tenant tnt_1 --out log.ndjson
  # the logins of October for a spreadsheet
  npm run admin -- audit export --tenant tnt_1 --format csv --type 'login.*' --type 'challenge.*' \\
    --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z --out october.csv
  # go on after a run that was cut off
  npm run admin -- audit export --tenant tnt_1 --format ocsf --out log.ocsf.ndjson.gz --resume
  # a folder for any static server; run again, it adds what is new
  npm run admin -- audit export --tenant tnt_1 --format tiles --out /srv/log/tnt_1

A file is written as <file>.part and gets its name once it is whole. Exit status: 0 if all is written, 1 if not.`;

interface ExportSummary {
  readonly tenantId: string;
  readonly format: string;
  readonly out: string;
  readonly lastSequence: number;
  readonly finished: boolean;
}

type WithDatabase = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

/** `audit export`, as a command of its own. */
export function addExportCommand(audit: Command, withDatabase: WithDatabase, print: (answer: unknown) => void): void {
  audit
    .command('export')
    .description("write a tenant's sealed events into a file, or its log as tiles into a folder; the log records it")
    .requiredOption('--tenant <id>', 'tenant of the log')
    .requiredOption('--out <path>', 'file, compressed if its name ends with .gz; for tiles a folder')
    .addOption(new Option('--format <name>', 'format').choices([...exportFormats, 'tiles']).default('ndjson'))
    .option('--from <time>', 'events from then on, for example 2026-10-01T00:00:00Z', parseTime)
    .option('--to <time>', 'events before then', parseTime)
    .option('--type <type>', 'events of a type, or of a prefix such as challenge.*; can be repeated', parseType)
    .option('--account <id>', 'events of an account')
    .option('--user <id>', 'events of a user')
    .option('--personal', 'open what is personal; needs the sealing keys of SALLYPORT_KEYS')
    .option('--resume', 'go on with an export of the same that was cut off')
    .option('--force', 'write anew what is there already')
    .option('--quiet', 'say nothing but errors')
    .addHelpText('after', examples)
    .action(async (options: ExportOptions) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const summary = await withDatabase((database) => exportAs(database, options, stop.signal)).catch(
        sayInWords(options),
      );
      if (!options.quiet) print(summary);
      if (!summary.finished) process.exitCode = 1;
    });
}

function exportAs(database: Database, options: ExportOptions, signal: AbortSignal): Promise<ExportSummary> {
  const { format } = options;
  return format === 'tiles' ? asTiles(database, options, signal) : asFile(database, { ...options, format }, signal);
}

async function asFile(
  database: Database,
  options: ExportOptions & { readonly format: ExportFormat },
  signal: AbortSignal,
): Promise<ExportSummary> {
  const { tenant: tenantId, format, out, resume = false, force = false, personal = false } = options;
  const end = await endOf(database, tenantId);
  const { account, user, type: types, from, to } = options;
  const filters: EventFilters = { account, user, types, from, to };
  const sealer = personal ? await openSealer(database) : undefined;
  const of = JSON.stringify({ tenantId, format, personal, compressed: out.endsWith('.gz'), ...filters });
  const place = await preparePlace(out, of, { resume, force });
  const upTo = place?.end ?? end;
  const whole = !place && Object.values(filters).every((value) => value === undefined);
  await tell(database, { tenantId, format, lastSequence: upTo, whole, personal: personal && format !== 'ndjson' });
  const progress = progressOf(options, upTo - (place?.sequence ?? 0));
  const written = await exportFile(
    database,
    { tenantId, format, filters, end: upTo, out, sealer },
    { of, place, progress, signal },
  ).finally(() => progress.end());
  return { tenantId, format, out, lastSequence: upTo, ...written };
}

async function asTiles(database: Database, options: ExportOptions, signal: AbortSignal): Promise<ExportSummary> {
  const { tenant: tenantId, out } = options;
  const misplaced = (['from', 'to', 'type', 'account', 'user', 'personal', 'force'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (misplaced) throw new SettingsError(`--${misplaced} is not for tiles: they are the whole log as it was hashed.`);
  await endOf(database, tenantId);
  const wanted = await prepareTiles(database, tenantId, out);
  const { size } = wanted.head;
  await tell(database, { tenantId, format: 'tiles', lastSequence: size, whole: true, personal: false });
  const progress = progressOf(options, size - (wanted.former?.size ?? 0));
  const written = await exportTiles(database, wanted, { progress, signal }).finally(() => progress.end());
  return { tenantId, format: 'tiles', out, lastSequence: size, ...written };
}

async function endOf(database: Database, tenantId: string): Promise<number> {
  const found = await database.one(selectEnd, { tenantId });
  if (!found) throw new SettingsError(`there is no tenant ${tenantId}. "tenant list" shows them.`);
  return found.end;
}

async function openSealer(database: Database): Promise<Sealer> {
  const keyFile = optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR'));
  const keys = loadKeys(['sealing'], { SALLYPORT_KEYS: keyFile });
  await assertKnownKeys(database, keys);
  return new Sealer(keys.sealing);
}

/** Told before anything is shown. */
async function tell(
  database: Database,
  facts: { tenantId: string; format: string; lastSequence: number; whole: boolean; personal: boolean },
): Promise<void> {
  await database.query(tellExport, { eventId: newId('event'), ...facts });
}

function progressOf({ quiet }: ExportOptions, total: number): ExportProgress {
  return new ExportProgress(total, process.stderr.isTTY && !quiet ? process.stderr : undefined);
}

/** What the disk says, in words of what to do. */
function sayInWords({ out, format }: ExportOptions): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    const again = format === 'tiles' ? 'run it again' : 'run it again with --resume';
    if (/^(ENOSPC|EDQUOT|EFBIG)$/.test(code))
      throw new SettingsError(`there is no room for ${out} (${code}). Make room and ${again}.`);
    if (/^(ENOENT|EACCES|EISDIR|ENOTDIR|EPERM|EROFS)$/.test(code))
      throw new SettingsError(`${out} cannot be written (${code}). Check the path and the permissions of its folder.`);
    throw error;
  };
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('must be a time, for example 2026-10-01T00:00:00Z.');
}

function parseType(text: string, before: readonly string[] = []): readonly string[] {
  const names = eventNamesOf(text);
  if (names.length === 0) throw new InvalidArgumentError('must be an event type, or a prefix such as challenge.*');
  return [...before, ...names];
}
