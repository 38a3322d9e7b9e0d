import type { Command } from 'commander';
import { assertKnownKeys } from '#persistence';
import { loadKeys } from '#runtime';
import { assertTenant } from './assert-tenant.js';
import { importFile } from './import-file.js';
import { keySettings } from './key-file.js';
import { withDatabase, withExamples, type Shell } from './shell.js';

export function addImportCommand(program: Command, shell: Shell): void {
  withExamples(
    program
      .command('import')
      .description('import authenticator apps from another system, one JSON object per line; run it again to continue')
      .argument(
        '<file>',
        '{"accountId","userId","name","secret","algorithm"?,"digits"?,"period"?,"displayName"?,"email"?,"phone"?,"locale"?}',
      )
      .requiredOption('--tenant <id>', 'tenant that the users belong to')
      .option('--report <file>', 'file for refused lines, with their line numbers (default: <file>.refused.ndjson)'),
    'import seeds.ndjson --tenant tnt_1',
  ).action(async (file: string, options: { tenant: string; report?: string }) => {
    const { tenant: tenantId, report = `${file}.refused.ndjson` } = options;
    const summary = await withDatabase(async (database) => {
      await assertTenant(database, tenantId);
      const keys = loadKeys(['sealing', 'pepper'], keySettings());
      // Codes that are imported under other keys would never be right.
      await assertKnownKeys(database, keys);
      // The gateway's use cases take a while to load: only commands that need them do so.
      const { openBulkImport } = await import('../../../gateway/src/bulk-import.js');
      const { take, lineLimit } = await openBulkImport({ database, keys, tenantId });
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      return importFile({ file, report, take, lineLimit, say: (words) => shell.say(words), signal: stop.signal });
    });
    shell.print(summary);
    if (summary.refused > 0 || !summary.finished) process.exitCode = 1;
  });
}
