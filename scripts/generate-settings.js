/**
 * Writes docs/settings.md from the table of settings and from what each process says of itself; with `--check` it only says
 * whether the file is up to date.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';
import './from-sources.js';

answerHelp(
  'npm run generate:settings [-- --check]: writes docs/settings.md from the table of settings; --check only compares.',
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'docs/settings.md');
const intro = `# Settings

<!-- Generated from libs/runtime/src/settings.ts and the description.ts of each app: change those, then run "npm run generate:settings". -->

Every process is configured by environment variables and by nothing else. A setting that is wrong, or required and missing, ends
the process at its start with one line that says which, and why. \`npm run start:gateway -- --help\`, and the same of every other
process, lists the settings of that process.

\`npm start\` requires none of them: it brings its own PostgreSQL, makes its own keys and shows messages in an inbox. Only the settings of
a provider go together (\`SMTP_URL\` with \`MAIL_FROM\`; \`VONAGE_API_KEY\` with \`VONAGE_API_SECRET\` and \`VONAGE_FROM\`; [routes.md](routes.md) has the others).
`;

async function readProcesses() {
  const files = globSync('apps/*/src/description.ts', { cwd: root }).toSorted();
  const modules = await Promise.all(files.map((file) => import(join(root, file))));
  const named = modules.map(({ description }) => ({
    ...description,
    command: description.name === 'sallyport' ? 'npm start' : description.name,
  }));
  // `npm start` is what a reader tries first.
  return named.toSorted((a, b) => Number(b.name === 'sallyport') - Number(a.name === 'sallyport'));
}

function table(head, rows) {
  // In a cell of Markdown a bar would end the cell.
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function settingRow([name, { schema, help, mayBeLeftOut, secret }], processes) {
  const unset = schema.safeParse(undefined);
  const byDefault = unset.success ? `\`${unset.data}\`` : mayBeLeftOut ? 'optional' : 'required';
  const readers = processes.filter(({ settings }) => settings.includes(name)).map(({ command }) => command);
  return [`\`${name}\``, help, byDefault, secret ? 'yes' : '', readers.join(', ') || 'no process yet'];
}

/** @returns {Promise<string>} the whole page */
async function generate() {
  const { settings } = await import('../libs/runtime/src/index.ts');
  const processes = await readProcesses();
  const settingRows = Object.entries(settings).map((entry) => settingRow(entry, processes));
  const processRows = processes.map(({ command, about, keys }) => [command, about, keys.join(', ') || 'none']);
  return [
    intro,
    table(['setting', 'what it is', 'default', 'secret', 'read by'], settingRows),
    '## Processes\n',
    table(['process', 'what it does', 'keys it is given'], processRows),
  ].join('\n');
}

const text = await generate();
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
  process.stderr.write('Wrote docs/settings.md.\n');
} else if (existsSync(target) && readFileSync(target, 'utf8') === text) {
  process.stderr.write('docs/settings.md is what the table of settings says.\n');
} else {
  process.stderr.write('sallyport: docs/settings.md is out of date. Run "npm run generate:settings".\n');
  process.exitCode = 1;
}
