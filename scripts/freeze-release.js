/**
 * Writes down what the next release has to go on serving: the migrations of this one and the text of each statement, with the
 * role that runs it. `npm run build && npm run freeze:release`, when a release is made.
 *
 * Another folder than this one's `dist` may be named, and another file.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const [
  folder = join(import.meta.dirname, '../dist'),
  file = join(import.meta.dirname, '../test/system/upgrades/previous-release.json'),
] = process.argv.slice(2);
const dist = resolve(folder);
/** Delivery's statements are the delivery workers', though others load that lib too. */
const apps = ['sms-worker', 'email-worker', 'relay', 'audit-worker', 'lockout-worker', 'webhook-worker', 'gateway'];
const { declaredStatements } = await import(join(dist, 'libs/persistence/src/index.js'));
const { migrations } = await import(join(dist, 'libs/persistence/src/migrations/index.js'));
const statements = {};
/** By `npm run admin`, as the owner of the tables. */
const ofOwner = new Set(['create-tenant', 'replace-known-keys', 'forget-known-keys']);
/** What `libs/persistence` declares is run by the gateway at least. */
const note = (role) => {
  for (const [name, { text }] of declaredStatements)
    statements[name] ??= { role: ofOwner.has(name) ? null : role, text };
};
note('sallyport_gateway');
for (const app of apps) {
  await import(join(dist, `apps/${app}/src/${app}.module.js`));
  note(`sallyport_${app.replaceAll('-', '_')}`);
}
// By it a test builds that release, and runs it beside this one.
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: resolve(dist, '..'), encoding: 'utf8' }).trim();
const release = { commit, migrations: migrations.map(({ name }) => name), statements };
await writeFile(resolve(file), `${JSON.stringify(release, null, 2)}\n`);
// What they have opened would keep the process.
process.exit();
