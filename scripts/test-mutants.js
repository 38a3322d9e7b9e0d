/**
 * Plants each bug of test/mutants, alone, and runs the test that has to notice it: `npm run test:mutants`.
 *
 * Nothing of it happens in the working tree: it works on copies of its files in a temporary folder, with a link to
 * node_modules, so that whatever stops it leaves nothing behind here. One PostgreSQL serves all of it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import startServer from '../test/support/start-server.mjs';
import stopServer from '../test/support/stop-server.mjs';
import { readMutants } from '../test/support/mutants.ts';

const root = resolve(import.meta.dirname, '..');

/** Tests that run at once. */
const atOnce = 2;
/** For one run of Jest. Nothing asserts a time: this is for what hangs. Specs of whole programs build them first. */
const patienceFor = (spec) => (spec.startsWith('test/system/') ? 1_200_000 : 300_000);

const help = `npm run test:mutants [-- [name …] [--why] [--list]]

Plants each bug of test/mutants, alone, in a copy of the sources, and runs the test that its patch names. First each of
these tests runs without a bug. Exits with 1 where a bug survived, or could not be planted.

  name …   only these
  --why    also says how the test failed
  --list   says what there is, and runs nothing
`;

/** What is wrong with the list, or with this machine, but not with a test. */
class CannotTry extends Error {}

const say = (words) => process.stdout.write(`${words}\n`);
const secondsSince = (began) => ((performance.now() - began) / 1000).toFixed(1);

/** No repository but ours has a say in where a patch goes. */
const gitEnvironment = (folder) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CEILING_DIRECTORIES: dirname(folder),
});

const children = new Set();
let stopped = false;

/** What Jest calls each test that it ran, and what came of it. */
async function runJest(workshop, spec, pattern, environment = {}) {
  const outputFile = join(workshop, 'outcome.json');
  await rm(outputFile, { force: true });
  const options = [
    '--config',
    'jest.mutants.config.js',
    '--runTestsByPath',
    spec,
    '--json',
    '--outputFile',
    outputFile,
  ];
  const narrowed = pattern === undefined ? [] : ['--testNamePattern', pattern];
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  // A test that fails may leave something open.
  const child = spawn(process.execPath, [...jest, ...options, ...narrowed, '--ci', '--runInBand', '--forceExit'], {
    cwd: workshop,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  let words = '';
  child.stderr.on('data', (text) => (words = (words + text).slice(-20_000)));
  let late = false;
  const patienceMs = patienceFor(spec);
  const impatience = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, patienceMs);
  await new Promise((done) => child.once('close', done));
  clearTimeout(impatience);
  children.delete(child);
  if (stopped) throw new CannotTry('stopped');
  if (late) throw new CannotTry(`${spec} did not end within ${patienceMs / 1000} s`);
  const text = await readFile(outputFile, 'utf8').catch(() => undefined);
  if (text === undefined) throw new CannotTry(`Jest said nothing of ${spec}: ${words.trim().split('\n').at(-1)}`);
  const { testResults } = JSON.parse(text);
  if (testResults.length !== 1) throw new CannotTry(`there is no ${spec}`);
  const [{ assertionResults, message }] = testResults;
  // A file that can't be loaded fails too, and would take any bug for caught.
  if (assertionResults.length === 0) throw new CannotTry(`${spec} could not be run: ${firstLine(message)}`);
  return assertionResults.filter(({ status }) => status === 'passed' || status === 'failed');
}

const firstLine = (text) =>
  stripVTControlCharacters(text)
    .split('\n')
    .find((line) => /\w/.test(line))
    ?.trim() ?? '';

/** A copy of the files that git knows or would take, as they are now. */
async function makeWorkshop(folder) {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) throw new CannotTry('git does not list the files: is this a clone, and is git installed?');
  for (const file of new Set(listed.stdout.toString().split('\0').filter(Boolean))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // One that was removed and not committed is still listed.
    await cp(join(root, file), join(folder, file)).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  // The server runs already.
  await writeFile(
    join(folder, 'jest.mutants.config.js'),
    `import all from './jest.config.js';
const projects = all.projects
  .filter(({ displayName }) => ['unit', 'integration', 'system'].includes(displayName))
  .map(({ globalSetup, globalTeardown, ...project }) => ({ ...project, cacheDirectory: '<rootDir>/../cache' }));
export default { ...all, projects };
`,
  );
  return folder;
}

function apply(workshop, mutant, ...options) {
  const { status, stderr } = spawnSync('git', ['apply', ...options, join('test/mutants', `${mutant.name}.patch`)], {
    cwd: workshop,
    env: gitEnvironment(workshop),
  });
  if (status !== 0) throw new CannotTry(`the patch does not apply: ${firstLine(stderr.toString())}`);
}

/** Works off `tasks` in each of the workshops at once. */
async function workOff(workshops, tasks, work) {
  const left = [...tasks];
  await Promise.all(
    workshops.map(async (workshop) => {
      for (let task = left.shift(); task !== undefined && !stopped; task = left.shift()) await work(workshop, task);
    }),
  );
}

const matches = (pattern, test) => pattern === undefined || new RegExp(pattern, 'i').test(test.fullName);

/** Runs each spec that is needed, without a bug. @returns why a spec shows nothing, by mutant */
async function runUnmutated(workshops, mutants) {
  const specs = Map.groupBy(mutants, ({ spec }) => spec);
  const faults = new Map();
  let done = 0;
  await workOff(workshops, specs, async (workshop, [spec, its]) => {
    const began = performance.now();
    const patterns = its.map(({ pattern }) => pattern);
    const pattern = patterns.includes(undefined) ? undefined : patterns.map((each) => `(?:${each})`).join('|');
    try {
      const tests = await runJest(workshop, spec, pattern);
      for (const mutant of its) {
        const own = tests.filter((test) => matches(mutant.pattern, test));
        const failed = own.find(({ status }) => status === 'failed');
        if (own.length === 0) faults.set(mutant, `no test of ${spec} is called so`);
        if (failed) faults.set(mutant, `without the bug, "${failed.fullName}" fails: ${reasonOf(failed)}`);
      }
    } catch (error) {
      if (!(error instanceof CannotTry)) throw error;
      for (const mutant of its) faults.set(mutant, error.message);
    }
    done += 1;
    if (stopped) return;
    const faulty = its.filter((mutant) => faults.has(mutant));
    say(`${done} of ${specs.size}  ${faulty.length ? 'SHOWS NOTHING' : 'passes'}  ${spec}  ${secondsSince(began)} s`);
    for (const mutant of faulty) say(`    ${mutant.name}: ${faults.get(mutant)}`);
  });
  return faults;
}

const reasonOf = (test) => firstLine(test.failureMessages[0] ?? '');

/** A database is cloned from a template; what changes that needs one of its own. */
function environmentOf({ name, changes }) {
  const itsOwn = changes.some((path) => /^libs\/(persistence|messaging)\//.test(path));
  return itsOwn ? { SALLYPORT_TEST_TEMPLATE: `sallyport_template_${name.replaceAll('-', '_')}` } : {};
}

/** @returns the test that caught it, or undefined where it survived */
async function plant(workshop, mutant) {
  apply(workshop, mutant);
  try {
    const tests = await runJest(workshop, mutant.spec, mutant.pattern, environmentOf(mutant));
    const failed = tests.filter(({ status }) => status === 'failed');
    const broken = failed.find(({ failureMessages }) =>
      /\b(SyntaxError|ReferenceError)\b|syntax error at/.test(failureMessages.join()),
    );
    if (broken) throw new CannotTry(`what it makes is no program: ${reasonOf(broken)}`);
    return failed[0];
  } finally {
    apply(workshop, mutant, '--reverse');
  }
}

async function plantAll(workshops, mutants, { why }) {
  const bad = await runUnmutated(workshops, mutants);
  const outcomes = new Map();
  const width = Math.max(...mutants.map(({ name }) => name.length));
  await workOff(workshops, mutants, async (workshop, mutant) => {
    const began = performance.now();
    const outcome = { what: 'caught', words: '' };
    try {
      if (bad.has(mutant)) throw new CannotTry(bad.get(mutant));
      const test = await plant(workshop, mutant);
      if (test) outcome.words = test.fullName;
      else Object.assign(outcome, { what: 'SURVIVED', words: mutant.bug });
      if (test && why) outcome.words += `\n    ${reasonOf(test)}`;
    } catch (error) {
      if (!(error instanceof CannotTry)) throw error;
      Object.assign(outcome, { what: 'NOT TRIED', words: error.message });
    }
    if (stopped) return;
    outcomes.set(mutant, outcome);
    const line = [
      `${String(outcomes.size).padStart(String(mutants.length).length)} of ${mutants.length}`,
      outcome.what.padEnd(9),
      mutant.name.padEnd(width),
      `${secondsSince(began).padStart(5)} s`,
      outcome.words,
    ];
    say(line.join('  '));
  });
  return [...outcomes.values()].map(({ what }) => what);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { why: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return process.stdout.write(help);
  const all = readMutants();
  const unknown = positionals.filter((name) => !all.some((mutant) => mutant.name === name));
  if (unknown.length > 0) throw new CannotTry(`there is no ${unknown.join(', ')} in test/mutants`);
  const mutants = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name));
  if (values.list) {
    const width = Math.max(...mutants.map(({ name }) => name.length));
    for (const { name, bug } of mutants) say(`${name.padEnd(width)}  ${bug}`);
    return undefined;
  }

  const began = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sallyport-mutants-')));
  const needsServer = mutants.some(({ spec }) => /^test\/(integration|system)\//.test(spec));
  let serving = false;
  const stop = () => {
    stopped = true;
    process.exitCode = 130;
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (needsServer) {
      await startServer();
      serving = true;
    }
    const names = Array.from({ length: Math.min(atOnce, mutants.length) }, (_, index) =>
      join(folder, String(index + 1)),
    );
    const workshops = await Promise.all(names.map((name) => makeWorkshop(name)));
    const outcomes = await plantAll(workshops, mutants, values);
    const count = (what) => outcomes.filter((each) => each === what).length;
    const [caught, survived, untried] = ['caught', 'SURVIVED', 'NOT TRIED'].map(count);
    if (stopped) return undefined;
    say(
      `${caught} of ${mutants.length} caught, ${survived} survived, ${untried} not tried, in ${secondsSince(began)} s`,
    );
    if (caught < mutants.length) process.exitCode = 1;
  } finally {
    if (serving) await stopServer();
    await rm(folder, { recursive: true, force: true });
  }
  return undefined;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CannotTry) && error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error;
  process.stderr.write(`test:mutants: ${error.message}\n`);
  process.exitCode = 1;
}
