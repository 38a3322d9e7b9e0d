/**
 * Writes docs/admin.md from the commands of `npm run admin` themselves; with `--check` it only says whether the file is up to
 * date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';
import './from-sources.js';

answerHelp(
  'npm run generate:admin [-- --check]: writes docs/admin.md from the commands of npm run admin; --check only compares.',
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'docs/admin.md');
const intro = `# npm run admin

<!-- Generated from apps/standalone/src/admin: change the commands, then run "npm run generate:admin". -->

One command for whoever looks after an installation. It works on the database itself, as the owner of the tables, so it also
works where the gateway is down; with Compose: \`docker compose run --rm migrate dist/apps/standalone/src/admin.js …\`.

| you want to | |
|---|---|
| know what is wrong, and how to mend it | \`npm run admin -- doctor\` |
| see how it does: versions, users, queues, deliveries, SMS of today | \`npm run admin -- status\`, \`status --watch 5\` |
| see the queues and their jobs in a browser | \`npm run admin -- dashboard\` |
| help a user who is locked out, or has lost every second factor | \`npm run admin -- user show\`, \`user unlock\`, \`user reset\` |
| find out why a message did not arrive | \`npm run admin -- delivery list\`, \`delivery show\`, \`delivery retry\` |
| take up work that always failed | \`npm run admin -- jobs list\`, \`jobs show\`, \`jobs retry\`, \`jobs discard\` |
| give a panel access, or end it | \`npm run admin -- tenant create\`, \`key create\`, \`key list\`, \`key revoke\` |
| replace keys step by step, without downtime | \`npm run admin -- keys rotate status\`, \`keys rotate add\`, \`keys rotate use\`, \`keys rotate reseal\`, \`keys rotate retire\` |
| end what a restored backup has brought back | \`npm run admin -- restored\` |
| make key files, or say that they were changed on purpose | \`npm run admin -- keys create\`, \`keys add-webhook\`, \`keys accept\` |
| bring users from another system | \`npm run admin -- import\` |
| take an audit log out, or let it be signed again | \`npm run admin -- audit export\`, \`audit logs\`, \`audit accept\`, \`audit set-aside\`, \`audit seal-again\` |

**What it answers.** Text on a terminal; JSON where the answer goes elsewhere, such as a pipe or a file. \`--json\` and \`--text\` choose.
What it says besides goes to stderr, in lines that begin with \`admin:\`.

**Exit status.** 0: all was done, and \`doctor\` found nothing wrong. 1: something was refused, failed or is wrong; stderr says in one line
what, and what to do next. A command that is not known, or lacks an argument, ends with 1, too.

**What it shows.** Addresses are masked, names are left out, messages and codes are never shown. Where that is not enough, \`user show --personal --reason …\` shows names and addresses in full,
and the audit log of the tenant has it as \`user.personal_read\` before anything is shown. A delivery shows no address, not even then: it is wiped when the delivery ends; that of the device is shown with its user.

**What it leaves behind.** What is done to a user or an API key writes the same events as the API does, sends the same notices, and says
\`"actor": "operator"\` without an \`apiKeyId\`. Exports, accepted checkpoints and discarded jobs have events of their own
([events](events.md)). To look at something leaves nothing, but for \`--personal\`.

**What it needs.** \`DATABASE_URL\` as the owner of the tables, or the data directory of \`npm start\`. \`user\` and \`import\` need the gateway's
keys (\`SALLYPORT_KEYS\`); \`user\` also works with the gateway's own role, so with Compose:
\`docker compose run --rm gateway dist/apps/standalone/src/admin.js user …\`. \`status\` and \`dashboard\` the \`QUEUE_URL\`, \`audit logs\` and \`audit accept\` the folder of the audit worker
(\`AUDIT_STATE_DIR\`). \`doctor\` looks at what it is given, and says what it could not look at.

## The checks of doctor

| check | is wrong where |
|---|---|
| \`settings\` | a setting of this shell has a wrong value, or another that belongs to it is missing |
| \`database\` | PostgreSQL does not answer, refuses the login, or accepts no writes |
| \`migrations\` | the tables are missing or behind |
| \`clock\` | this machine and PostgreSQL differ by more than 15 s |
| \`keys\` | the keys of \`SALLYPORT_KEYS\` are not those that the database was used with; a warning where others can read the file |
| \`queue\` | it does not answer, takes no jobs, would lose some, or is not the one to which the relay publishes |
| \`relay\` | a job has been waiting for a relay for more than a minute |
| \`workers\` | a job was published and is overdue by more than a minute |
| \`sealing\`, \`signing\` | an event waits for its seal for more than a minute; an entry for its checkpoint for more than two |
| \`collectors\` | a warning where one of \`AUDIT_COLLECTORS\` takes no events |
| \`set-aside\` | a warning where jobs or events were set aside |
| \`smtp\`, \`smtp-2\`, …, \`vonage\`, \`twilio\`, \`http\` | a route lacks a setting, cannot be reached or rejects the login; with Vonage also where there is no credit, with Twilio where the account is suspended. Each is asked by the client that its worker sends with, and nothing is sent |
| \`disk\` | less than 32 MiB are left for the data directory or \`AUDIT_STATE_DIR\`; a warning below 1 GiB |

Each check takes 15 s at most. \`skipped\` in JSON, \`-\` in text: it could not be looked at from here.

## The page of the queues

\`npm run admin -- dashboard\` serves [bull-board](https://github.com/felixmosh/bull-board) on 127.0.0.1:3004 until Ctrl-C, for queues in PostgreSQL and in Redis. It asks
for a password: one that is made for this time and printed, or, with \`--tenant\`, an API key of that tenant with the scope \`admin\` (and
bound to no application). It shows the jobs of all tenants, which hold ids only, and changes nothing
([ADR 60](adr/0060-the-queues-are-looked-at-from-the-shell.md)).

## Commands
`;

/** What `--help` says, as wide as a page. */
function helpOf(command) {
  let text = '';
  command.configureOutput({
    writeOut: (words) => (text += words),
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

async function generate() {
  const { adminProgram, leavesOf } = await import('../apps/standalone/src/admin/program.ts');
  const { Shell } = await import('../apps/standalone/src/admin/shell.ts');
  const nameOf = (command) => (command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '');
  const parts = leavesOf(adminProgram(new Shell(false))).map(
    (command) => `### ${nameOf(command)}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`,
  );
  return [intro, ...parts].join('\n');
}

const text = await generate();
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
  process.stderr.write('Wrote docs/admin.md.\n');
} else if (existsSync(target) && readFileSync(target, 'utf8') === text) {
  process.stderr.write('docs/admin.md is what the commands say.\n');
} else {
  process.stderr.write('sallyport: docs/admin.md is out of date. Run "npm run generate:admin".\n');
  process.exitCode = 1;
}
