/**
 * Builds if the sources are newer than what was built last, then runs one program in this same process, so that
 * signals reach it: `node scripts/start.js gateway/main`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');

function fail(words) {
  process.stderr.write(`sallyport: ${words}\n`);
  process.exit(1);
}

/** Time of the last change of what the build is made from, in ms. */
function lastChange(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  // A folder's own time tells of files that were removed.
  return readdirSync(path).reduce((latest, name) => Math.max(latest, lastChange(join(path, name))), found.mtimeMs);
}

async function build() {
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  if (!existsSync(nest)) fail('the dependencies are not installed. Run "npm ci" first.');
  const began = Date.now();
  process.stderr.write('Building …\n');
  const child = spawn(process.execPath, [nest, 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (words += text));
  const endChild = () => child.kill();
  process.once('exit', endChild);
  const patience = setInterval(() => {
    process.stderr.write(`Building … ${Math.round((Date.now() - began) / 1000)} s\n`);
  }, 5000);
  const status = await new Promise((done) => child.once('close', done));
  clearInterval(patience);
  process.removeListener('exit', endChild);
  if (status !== 0) {
    process.stderr.write(words);
    fail('the build failed; the lines above say where.');
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, '');
  // As old as its beginning: what changed meanwhile is built the next time.
  utimesSync(stamp, new Date(began), new Date(began));
  process.stderr.write(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
}

if (Number(process.versions.node.split('.')[0]) < 22) {
  fail(
    existsSync(join(root, 'node_modules/.bin/node'))
      ? `this is Node ${process.versions.node}. Start it with npm, which takes the Node of node_modules.`
      : 'the dependencies are not installed. Run "npm ci" first.',
  );
}

const [program = 'standalone/main', ...rest] = process.argv.slice(2);
const [app, file] = program.split('/');
if (program !== 'build' && (!app || !file)) fail(`"${program}" is no program: name it as app/file.`);

const made = [
  'apps',
  'libs',
  'package.json',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (Math.max(...made.map((name) => lastChange(join(root, name)))) > built) await build();

if (program !== 'build') {
  const entry = join(dist, 'apps', app, 'src', `${file}.js`);
  if (!existsSync(entry)) fail(`there is no program "${program}".`);
  process.argv = [process.execPath, entry, ...rest];
  await import(pathToFileURL(entry).href);
}
