/**
 * Writes down the SQL that reaches PostgreSQL: every assembled statement (`sql/statements`), and the tables that the migrations
 * make (`sql/schema.sql`). So a change of a part that many statements share is seen in each of them.
 */
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { format } from 'sql-formatter';
import { answerHelp } from './answer-help.ts';
import { describeSchema } from './describe-schema.js';
import './from-sources.js';

answerHelp('npm run sql [-- --check]: writes every statement and the schema into sql/; --check only compares.', [
  '--check',
]);

const root = resolve(import.meta.dirname, '..');

async function readStatements() {
  const { declaredStatements } = await import('../libs/persistence/src/index.ts');
  for (const path of globSync('{apps,libs}/**/*.sql.ts', { cwd: root })) await import(join(root, path));
  return [...declaredStatements.values()].map(({ name, text }) => [
    `sql/statements/${name}.sql`,
    `${format(text, { language: 'postgresql', expressionWidth: 100 })}\n`,
  ]);
}

async function readSchema() {
  const { migrate } = await import('../libs/persistence/src/index.ts');
  const { startEmbeddedPostgres } = await import('../apps/standalone/src/embedded-postgres/start.ts');
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-sql-'));
  // As root, the server's user has to get through.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), durable: false });
  try {
    await migrate(server.url);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const text = await describeSchema(client);
    await client.end();
    return [['sql/schema.sql', text]];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is there now, by its path. */
async function readFiles() {
  const names = await readdir(join(root, 'sql'), { recursive: true }).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.sql')).map((name) => `sql/${name}`);
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')])));
}

const wanted = new Map([...(await readStatements()), ...(await readSchema())]);
const there = await readFiles();
const other = [...wanted].filter(([path, text]) => there.get(path) !== text).map(([path]) => path);
const left = [...there.keys()].filter((path) => !wanted.has(path));
if (process.argv.includes('--check')) {
  const differing = [...other, ...left];
  if (differing.length > 0) {
    process.stderr.write(`These files are not what is in the sources. Run "npm run sql":\n${differing.join('\n')}\n`);
  }
  process.exit(differing.length > 0 ? 1 : 0);
}
await mkdir(join(root, 'sql/statements'), { recursive: true });
for (const path of other) await writeFile(join(root, path), wanted.get(path));
for (const path of left) await rm(join(root, path));
process.stderr.write(`${wanted.size} files in sql/: ${other.length} written, ${left.length} removed.\n`);
process.exit();
