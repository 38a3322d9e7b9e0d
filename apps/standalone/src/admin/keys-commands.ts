import type { Command } from 'commander';
import { acceptKeys } from '#persistence';
import { loadHeldKeys } from '#runtime';
import { addWebhookKey, createKeyFiles } from './create-key-files.js';
import { keySettings } from './key-file.js';
import { addRotateCommands } from './rotate-keys-command.js';
import { withDatabase, withExamples, type Shell } from './shell.js';

export function addKeysCommands(program: Command, shell: Shell): void {
  const keys = program.command('keys').description('manage key files, and the keys that the database knows');

  withExamples(
    keys
      .command('accept')
      .description(
        'accept the keys of SALLYPORT_KEYS after you have changed them on purpose, so that processes start with them',
      ),
    'keys accept',
  ).action(async () => {
    const held = loadHeldKeys(keySettings());
    shell.print(await withDatabase((database) => acceptKeys(database, held)));
  });

  withExamples(
    keys
      .command('add-webhook')
      .description('add one new key of webhooks to key files that were created before there were webhooks')
      .argument('<files...>', 'key files of the gateway and of the webhook worker; one that does not exist is created'),
    'keys add-webhook .keys/gateway.json .keys/webhook-worker.json',
  ).action(async (files: string[]) => shell.print({ keys: await addWebhookKey(files) }));

  withExamples(
    keys
      .command('create')
      .description('create a key file for each process, and .env for docker-compose.yml; existing files are kept')
      .option('--dir <folder>', 'folder for the key files', '.keys'),
    'keys create --dir .keys',
  ).action(async ({ dir }: { dir: string }) => shell.print(await createKeyFiles({ dir, environment: '.env' })));

  addRotateCommands(keys, shell);
}
