import { execFile, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeEvent, formatEntry, formatStart, formatVkey, signingKey } from '#audit-log';
import { SomeLog, someEvent } from '../../support/audit-log.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const built = join(root, 'dist/audit-verifier');

/** The oldest Node.js that the package is for, where the machine has one; else the one that runs the tests. */
const node = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => !file.includes('node_modules') && existsSync(file))
  .map((file) => ({ file, version: execFileSync(file, ['--version'], { encoding: 'utf8' }).trim() }))
  .find(({ version }) => version.startsWith('v20.')) ?? { file: process.execPath, version: process.version };

/** An empty project that has installed what would be published, and nothing else. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-audit-verifier-'));
  await run(process.execPath, [join(root, 'scripts/build-audit-verifier.js')]);
  await run('npm', ['pack', built, '--pack-destination', project, '--silent'], { cwd: project });
  const [archive = ''] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  const installed = join(project, 'node_modules/@sallyport/audit-verifier');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1'], { cwd: project });
  await writeFile(join(project, 'package.json'), '{ "name": "auditor", "private": true, "type": "module" }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

interface Run {
  readonly input?: AsyncIterable<Buffer> | string;
  readonly flags?: readonly string[];
}

/** Runs the command in the empty project. */
async function verify(args: readonly string[], { input = '', flags = [] }: Run = {}) {
  const main = join(project, 'node_modules/@sallyport/audit-verifier/command/main.js');
  const child = spawn(node.file, [...flags, main, ...args], { cwd: project, stdio: 'pipe', env: {} });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  // The command may end before it has read everything.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((done) => void child.once('close', done));
  if (typeof input === 'string') child.stdin.end(input);
  else {
    for await (const chunk of input) {
      if (child.exitCode !== null || child.stdin.destroyed) break;
      if (!child.stdin.write(chunk)) await new Promise((done) => void setTimeout(done, 1));
    }
    child.stdin.end();
  }
  return { status: await ended, ...said };
}

let written = 0;
/** A file of its own. */
async function file(content: string | Uint8Array): Promise<string> {
  written += 1;
  await writeFile(join(project, `file-${written}`), content);
  return `file-${written}`;
}

const log = new SomeLog(40);
const whole = (some = log) => ({
  export: some.export,
  checkpoints: [10, 20, 40].map((size) => some.checkpointAt(size)).join(''),
  keys: some.keys,
});

/** Verifies an export, what it says as JSON. */
async function verifyFiles(change: Partial<ReturnType<typeof whole>> = {}, more: readonly string[] = []) {
  const files = { ...whole(), ...change };
  const args = [
    await file(files.export),
    '--checkpoints',
    await file(files.checkpoints),
    '--keys',
    await file(files.keys),
  ];
  const { status, stdout, stderr } = await verify([...args, '--json', ...more]);
  return { status, stderr, ...(JSON.parse(stdout || '{}') as { reason?: string; words?: string }) };
}
const good = (more: object = {}) => expect.objectContaining({ status: 0, ok: true, stderr: '', ...more });
const bad = (reason: string, more: object = {}) =>
  expect.objectContaining({ status: 1, ok: false, stderr: '', reason, ...more });

/** The same log, in which somebody who has every key has changed an event. */
const rewritten = Object.assign(
  new SomeLog(40, 'tnt_1', (n) => (n === 15 ? { ...someEvent(n), type: 'challenge.rejected' } : someEvent(n))),
  { key: log.key, timedKey: log.timedKey, witness: log.witness },
);

describe(`the package of the verifier, on Node.js ${node.version}`, () => {
  test('has what npm needs, and depends on nothing', async () => {
    const manifest = JSON.parse(await readFile(join(built, 'package.json'), 'utf8'));
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@sallyport/audit-verifier', version: own.version, license: own.license });
    expect(manifest.dependencies).toBeUndefined();
    const files = await readdir(join(project, 'node_modules/@sallyport/audit-verifier'), { recursive: true });
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'audit-format.md', 'index.d.ts', 'index.js', 'command/main.js']),
    );
    expect(files.filter((name) => /\.spec\.|(?<!\.d)\.ts$|\.tgz$/.test(name))).toEqual([]);
    const texts = await Promise.all(
      files.filter((name) => /\.(js|d\.ts)$/.test(name)).map((name) => readFile(join(built, name), 'utf8')),
    );
    const imported = texts.flatMap((text) => [...text.matchAll(/\bfrom '([^'.][^']*)'/g)].map(([, name]) => name));
    expect([...new Set(imported)].toSorted()).toEqual(['node:crypto', 'node:fs', 'node:util']);
  });

  test('does what its README says, with the example of the format', async () => {
    const readme = await readFile(join(built, 'README.md'), 'utf8');
    const page = await readFile(join(built, 'audit-format.md'), 'utf8');
    const shown = (name: string) => new RegExp(`^\`\`\`${name}\\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1] ?? '';
    await writeFile(join(project, 'export.ndjson'), shown('export'));
    await writeFile(join(project, 'checkpoints'), shown('checkpoint'));
    await writeFile(join(project, 'keys'), shown('keys'));
    await writeFile(join(project, 'event.tlog-proof'), shown('proof'));
    const commands = [...readme.matchAll(/^npx sallyport-audit-verify (.*)$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    expect(commands).toHaveLength(2);
    const [exported, proved] = await Promise.all(commands.map((args) => verify(args)));
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    expect(readme).toContain(exported?.stdout);
    expect(proved).toMatchObject({ status: 0, stderr: '' });
    expect(proved?.stdout).toMatch(/^Good\. This event is entry 1 of 2fa\.example\.com\/audit\/tnt_1:\n\{/);
    await writeFile(join(project, 'export.ndjson'), shown('export').replace('"totp"', '"sms"'));
    const changed = await verify(commands[0] ?? []);
    expect(changed).toMatchObject({ status: 1, stderr: '' });
    expect(readme).toContain(changed.stdout);
    for (const name of ['pruned', 'middle']) {
      await writeFile(join(project, 'export.ndjson'), shown(name));
      expect(await verify(commands[0] ?? [])).toMatchObject({ status: 0 });
    }
    // Its example in TypeScript, compiled as strictly as can be.
    const link = join(project, 'node_modules/@types/node');
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules/@types/node'), link);
    await writeFile(join(project, 'readme.ts'), /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '');
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['readme.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = await run(process.execPath, [compiler, '-p', project]).catch((error: { stdout: string }) => error);
    expect(compiled.stdout).toBe('');
    await writeFile(
      join(project, 'auditor.mjs'),
      `import { verify } from './readme.js';
       const [lines, checkpoint] = JSON.parse(process.argv[2]);
       console.log(JSON.stringify(verify(lines, checkpoint)));`,
    );
    const given = JSON.stringify([shown('export').trimEnd().split('\n'), shown('checkpoint')]);
    const { stdout } = await run(node.file, ['auditor.mjs', given], { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, vouchedFor: 3 });
  });
});

describe('T20 the offline verifier', () => {
  test('finds a whole log good, and says how far checkpoints vouch for it', async () => {
    expect(await verifyFiles()).toEqual(
      good({ size: 40, vouchedFor: 40, checkpoints: { compared: 3, before: 0, beyond: 0 } }),
    );
    expect(await verifyFiles({}, ['--witnesses', '1'])).toEqual(good());
    expect(await verifyFiles({ checkpoints: log.checkpointAt(10) })).toEqual(good({ size: 40, vouchedFor: 10 }));
    const cut = log.export.split('\n').slice(0, 30).join('\n');
    expect(await verifyFiles({ export: cut }, ['--partial'])).toEqual(
      good({ size: 30, vouchedFor: 20, checkpoints: { compared: 2, before: 0, beyond: 1 } }),
    );
    const middle = [formatStart(log.stateAt(20)), ...log.export.split('\n').slice(20)].join('\n');
    expect(await verifyFiles({ export: middle })).toEqual(
      good({ start: 20, entries: 20, vouchedFor: 40, checkpoints: { compared: 2, before: 1, beyond: 0 } }),
    );
    const pruned = log.entries
      .map((entry) => formatEntry(entry.index < 25 ? { ...entry, event: undefined } : entry))
      .join('\n');
    expect(await verifyFiles({ export: pruned })).toEqual(good({ pruned: 25, vouchedFor: 40 }));
  });

  test('says to people what no checkpoint vouches for', async () => {
    const alone = await verify([await file(log.export)]);
    expect(alone).toMatchObject({ status: 0, stderr: '' });
    expect(alone.stdout).toMatch(/^Good\. 40 entries of tnt_1\.\nThey fit each other\. No checkpoint vouches for them/);
    const some = [
      await file(log.export),
      '--checkpoints',
      await file(log.checkpointAt(10)),
      '--keys',
      await file(log.keys),
    ];
    expect((await verify(some)).stdout).toContain(
      'up to entry 9.\n30 entries after that: no checkpoint vouches for them yet.',
    );
    const piped = await verify(['-', ...some.slice(1)], { input: log.export });
    expect(piped).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Good. 40 entries of 2fa.example.com/audit/tnt_1.'),
    });
  });

  const lines = log.export.split('\n').slice(0, -1);
  const joined = (...changed: readonly string[]) => `${changed.join('\n')}\n`;
  const fullTail = log.checkpointAt(40);
  test.each<[string, Partial<ReturnType<typeof whole>>, string, object]>([
    ['a row changed', { export: log.export.replace('evt_15', 'evt_99') }, 'event_changed', { index: 15, line: 16 }],
    ['a row changed with its hash', { export: rewritten.export }, 'tree_differs', { index: 10, lastIndex: 19 }],
    ['a row removed', { export: joined(...lines.toSpliced(15, 1)) }, 'entries_missing', { index: 15, line: 16 }],
    [
      'a row inserted',
      { export: joined(...lines.toSpliced(15, 0, lines[15] ?? '')) },
      'entry_out_of_order',
      { index: 16 },
    ],
    [
      'rows swapped',
      { export: joined(...lines.with(15, lines[16] ?? '').with(16, lines[15] ?? '')) },
      'entries_missing',
      { index: 15 },
    ],
    ['the tail cut', { export: joined(...lines.slice(0, 37)) }, 'tail_cut', { index: 37, lastIndex: 39 }],
    ['everything cut', { export: '' }, 'tail_cut', { index: 0, lastIndex: 9 }],
    [
      'the log rewritten with every key, of whose old checkpoints one was kept',
      { ...whole(rewritten), checkpoints: fullTail + whole(rewritten).checkpoints },
      'checkpoints_contradict',
      {},
    ],
    [
      'the log rewritten with every key, held against what was kept',
      { ...whole(rewritten), checkpoints: fullTail },
      'tree_differs',
      { index: 0, lastIndex: 39 },
    ],
    [
      "another tenant's row",
      { export: joined(formatEntry(new SomeLog(1, 'tnt_2').entries[0] ?? never())) },
      'other_tenant',
      { index: 0 },
    ],
    ["another log's checkpoint", otherLog(), 'other_log', {}],
    [
      'a checkpoint of another size',
      { checkpoints: fullTail.replace('\n40\n', '\n41\n') },
      'signature_wrong',
      { checkpointLine: 1 },
    ],
    ['a checkpoint that others signed', { keys: new SomeLog(1).keys }, 'log_key_unknown', { checkpointLine: 1 }],
    ['a checkpoint without signatures', { checkpoints: `${fullTail.split('\n\n')[0]}\n` }, 'checkpoint_malformed', {}],
    [
      'a checkpoint cut off',
      { checkpoints: fullTail + fullTail.slice(0, -20) },
      'checkpoint_malformed',
      { checkpointLine: 8 },
    ],
    [
      'a checkpoint that is none',
      { checkpoints: Buffer.alloc(100, 200).toString('latin1') },
      'checkpoint_malformed',
      {},
    ],
    [
      'the end in the middle of a line',
      { export: log.export.slice(0, -10) },
      'line_malformed',
      { line: 40, words: expect.stringContaining('The file ends in the middle') },
    ],
    ['Windows line ends', { export: log.export.replaceAll('\n', '\r\n') }, 'line_malformed', { line: 1 }],
    ['an empty line', { export: `\n${log.export}` }, 'line_malformed', { line: 1 }],
    [
      'a start in the middle that is not told',
      { export: joined(...lines.slice(20)) },
      'entries_missing',
      { index: 0, lastIndex: 19 },
    ],
  ])('names %s', async (_, change, reason, more) => {
    expect(await verifyFiles(change)).toEqual(bad(reason, more));
  });

  test('names a checkpoint that too few have witnessed', async () => {
    const few = { checkpoints: log.checkpointAt(10) + log.checkpointAt(20, []) };
    expect(await verifyFiles(few, ['--witnesses', '1'])).toEqual(bad('quorum_missed', { checkpointLine: 8 }));
    const policy = await file(
      `log ${formatVkey(log.key)}\nlog ${formatVkey(log.timedKey)}\nwitness W ${formatVkey(log.witness)}\nquorum W\n`,
    );
    const args = [await file(log.export), '--policy', policy, '--checkpoints'];
    expect(await verify([...args, await file(log.checkpointAt(40))])).toMatchObject({ status: 0 });
    const { status, stdout } = await verify([...args, await file(log.checkpointAt(40, []))]);
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^Bad\. The checkpoint at line 1: Too few .*\n\(quorum_missed\)\n$/),
    });
  });

  test('reads a proof by itself', async () => {
    const keys = ['--keys', await file(log.keys)];
    const proof = await log.proofOf(17);
    const verifyProof = async (text: string, event?: string | Uint8Array, more: readonly string[] = keys) => {
      const args = [
        '--proof',
        await file(text),
        ...(event === undefined ? [] : [await file(event)]),
        '--json',
        ...more,
      ];
      const { status, stdout, stderr } = await verify(args);
      return { status, stderr, ...(JSON.parse(stdout || '{}') as object) };
    };
    const event = log.entries[17]?.event ?? never();
    const expected = good({ index: 17, origin: log.origin, size: 40, event });
    expect(await verifyProof(proof)).toEqual(expected);
    expect(await verifyProof(proof, encodeEvent(event))).toEqual(expected);
    expect(await verifyProof(proof, `${lines[17]}\n`)).toEqual(expected);
    expect(
      await verifyProof(proof.replace(/extra .*\n/, ''), encodeEvent(event), [...keys, '--witnesses', '1']),
    ).toEqual(expected);

    expect(await verifyProof(proof, lines[16])).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('index 17', 'index 18'))).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('index 17', 'index 40'))).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('\n40\n', '\n39\n'))).toEqual(bad('signature_wrong'));
    expect(await verifyProof(proof, undefined, ['--keys', await file(new SomeLog(1).keys)])).toEqual(
      bad('log_key_unknown'),
    );
    expect(await verifyProof(proof, undefined, [...keys, '--tenant', 'tnt_2'])).toEqual(bad('other_tenant'));
    expect(await verifyProof(proof.replace(/extra .*\n/, ''))).toEqual(
      bad('malformed', { words: expect.stringContaining('contains no event') }),
    );
    for (const other of [
      '',
      'event',
      '[]',
      'null',
      '{}',
      ` ${encodeEvent(event)}`,
      formatEntry({ ...(log.entries[17] ?? never()), event: undefined }),
    ])
      expect(await verifyProof(proof, other)).toEqual(bad('malformed'));
    expect(await verifyProof(proof, Buffer.of(0xff))).toEqual(
      bad('malformed', { words: expect.stringContaining('no UTF-8') }),
    );
    expect(await verifyProof('not a proof')).toEqual(bad('malformed'));
    // An event of another tenant in this one's log.
    const mixed = new SomeLog(2, 'tnt_1', (n) => someEvent(n, 'tnt_2'));
    expect(await verifyProof(await mixed.proofOf(0), undefined, ['--keys', await file(mixed.keys)])).toEqual(
      bad('other_tenant'),
    );
  }, 120_000);
});

describe('what the offline verifier cannot read', () => {
  test.each<[string, readonly string[], string]>([
    ['no file', [], 'Which file?'],
    ['two files', ['a', 'b'], 'Give one file'],
    ['an unknown option', ['a', '--fast'], "Unknown option '--fast'"],
    ['an option without its value', ['a', '--keys'], 'argument missing'],
    ['a file that is not there', ['none'], 'no such file'],
    ['a folder', ['node_modules'], 'cannot be read'],
    ['checkpoints without keys', ['a', '--checkpoints', 'b'], 'Without keys a signature proves nothing'],
    ['a proof without keys', ['--proof', 'a'], 'Without keys a signature proves nothing'],
    ['keys without checkpoints', ['a', '--keys', 'b'], 'nothing that the keys have signed'],
    ['a proof with checkpoints', ['--proof', 'a', '--keys', 'k', '--checkpoints', 'c'], 'A proof has its checkpoint'],
    ['a policy beside keys', ['a', '--keys', 'k', '--policy', 'p', '--checkpoints', 'c'], 'not both'],
    ['a number that is none', ['a', '--witnesses', 'two'], '--witnesses is a number'],
    ['keys that are not there', ['a', '--keys', 'none', '--checkpoints', 'c'], 'no such file'],
  ])('is told in a line, with status 2: %s', async (_, args, words) => {
    const { status, stdout, stderr } = await verify(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('are keys that are none, or too few', async () => {
    const checkpoints = ['--checkpoints', await file(log.checkpointAt(40))];
    const exported = await file(log.export);
    const told = async (...args: string[]) => {
      const { status, stderr } = await verify([exported, ...checkpoints, ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await told('--keys', await file(''))).toContain('There is no key');
    expect(await told('--keys', await file(`# ours\n${log.keys}abc\n`))).toContain(
      'line 5: It is not written as name+id+key',
    );
    expect(await told('--keys', await file(log.keys), '--witnesses', '3')).toContain(
      'asks for 3, and 2 keys are of witnesses',
    );
    expect(await told('--policy', await file('quorum W'))).toContain('Line 1: Nothing before this line');
    expect(await told('--keys', '/dev/zero')).toContain('has more than');
    const mlDsa = signingKey('w', 'ml-dsa-44', generateKeyPairSync('ml-dsa-44').privateKey);
    const keys = await file(`${log.keys}${formatVkey(mlDsa)}\n`);
    const { status, stderr } = await verify([exported, ...checkpoints, '--keys', keys]);
    if (node.version.startsWith('v20.')) expect(stderr).toContain('This Node.js cannot read a key for ml-dsa-44');
    else expect(status).toBe(0);
  });

  test('has no end, or no line end, and is left in bounded memory', async () => {
    const flags = ['--max-old-space-size=32'];
    for (const device of ['/dev/zero', '/dev/urandom']) {
      const { status, stdout, stderr } = await verify([device, '--json'], { flags });
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ reason: 'line_malformed', line: expect.any(Number) });
      const keys = await file(log.keys);
      const checkpoints = await verify([await file(log.export), '--checkpoints', device, '--keys', keys, '--json'], {
        flags,
      });
      expect(JSON.parse(checkpoints.stdout)).toMatchObject({ reason: 'checkpoint_malformed' });
    }
    async function* endless() {
      for (;;) yield Buffer.alloc(256 * 1024, 'a');
    }
    const { status, stdout } = await verify(['-'], { input: endless(), flags });
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: 'Bad. Line 1: It has more than 4194304 bytes.\n(line_malformed)\n',
    });
    async function* emptyLines() {
      yield Buffer.from('a');
      for (;;) yield Buffer.alloc(256 * 1024, '\n');
    }
    const waiting = ['--checkpoints', '-', '--keys', await file(log.keys), '--json'];
    const noEnd = await verify([await file(log.export), ...waiting], { input: emptyLines(), flags });
    expect(JSON.parse(noEnd.stdout)).toMatchObject({ reason: 'checkpoint_malformed', checkpointLine: 1 });
    const long = { ...someEvent(0), data: { text: 'x'.repeat(1_000_000) } };
    const large = new SomeLog(3, 'tnt_1', (n) => ({ ...long, id: `evt_${n}` }));
    expect(await verify([await file(large.export)])).toMatchObject({ status: 0 });
  });

  test('is no long export: it is read as it comes', async () => {
    const many = new SomeLog(60_000);
    const path = join(project, await file(many.export));
    const keys = await file(many.keys);
    const checkpoints = await file(many.checkpointAt(60_000));
    const args = ['-', '--checkpoints', checkpoints, '--keys', keys, '--json'];
    const { status, stdout } = await verify(args, {
      input: createReadStream(path),
      flags: ['--max-old-space-size=24'],
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ entries: 60_000, vouchedFor: 60_000 });
  });

  test('is asked for help instead', async () => {
    const { status, stdout } = await verify(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: sallyport-audit-verify EXPORT/);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(110);
  });
});

function otherLog() {
  const other = new SomeLog(10, 'tnt_2');
  return { checkpoints: log.checkpointAt(40) + other.checkpointAt(10), keys: log.keys + other.keys };
}

function never(): never {
  throw new Error('No such entry.');
}
