import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatVkey, signingKey } from '#audit-log';
import { SomeLog, someEvent } from '../../support/audit-log.js';
import { AuditorsProject, auditorsNode } from '../../support/offline-verifier.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const built = join(root, 'dist/audit-verifier');

/** Has installed what would be published. */
let project: AuditorsProject;
beforeAll(async () => {
  project = await AuditorsProject.open();
  const { folder } = project;
  await run(process.execPath, [join(root, 'scripts/build-audit-verifier.js')]);
  await run('npm', ['pack', built, '--pack-destination', folder, '--silent'], { cwd: folder });
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await mkdir(project.package, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', project.package, '--strip-components=1'], { cwd: folder });
});
afterAll(() => project.remove());

const file = (content: string | Uint8Array) => project.file(content);
const verify: AuditorsProject['verify'] = (args, run) => project.verify(args, run);

const log = new SomeLog(40);

describe(`the package of the verifier, on Node.js ${auditorsNode.version}`, () => {
  test('has what npm needs, and depends on nothing', async () => {
    const manifest = JSON.parse(await readFile(join(built, 'package.json'), 'utf8'));
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@sallyport/audit-verifier', version: own.version, license: own.license });
    expect(manifest.dependencies).toBeUndefined();
    const files = await readdir(project.package, { recursive: true });
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
    await writeFile(join(project.folder, 'export.ndjson'), shown('export'));
    await writeFile(join(project.folder, 'checkpoints'), shown('checkpoint'));
    await writeFile(join(project.folder, 'keys'), shown('keys'));
    await writeFile(join(project.folder, 'event.tlog-proof'), shown('proof'));
    const commands = [...readme.matchAll(/^npx sallyport-audit-verify (.*)$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    expect(commands).toHaveLength(2);
    const [exported, proved] = await Promise.all(commands.map((args) => verify(args)));
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    expect(readme).toContain(exported?.stdout);
    expect(proved).toMatchObject({ status: 0, stderr: '' });
    expect(proved?.stdout).toMatch(/^Good\. This event is entry 1 of 2fa\.example\.com\/audit\/tnt_1:\n\{/);
    await writeFile(join(project.folder, 'export.ndjson'), shown('export').replace('"totp"', '"sms"'));
    const changed = await verify(commands[0] ?? []);
    expect(changed).toMatchObject({ status: 1, stderr: '' });
    expect(readme).toContain(changed.stdout);
    for (const name of ['pruned', 'middle']) {
      await writeFile(join(project.folder, 'export.ndjson'), shown(name));
      expect(await verify(commands[0] ?? [])).toMatchObject({ status: 0 });
    }
    // Its example in TypeScript, compiled as strictly as can be.
    const link = join(project.folder, 'node_modules/@types/node');
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules/@types/node'), link);
    await writeFile(join(project.folder, 'readme.ts'), /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '');
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
    };
    await writeFile(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['readme.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = await run(process.execPath, [compiler, '-p', project.folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(compiled.stdout).toBe('');
    await writeFile(
      join(project.folder, 'auditor.mjs'),
      `import { verify } from './readme.js';
       const [lines, checkpoint] = JSON.parse(process.argv[2]);
       console.log(JSON.stringify(verify(lines, checkpoint)));`,
    );
    const given = JSON.stringify([shown('export').trimEnd().split('\n'), shown('checkpoint')]);
    const { stdout } = await run(auditorsNode.file, ['auditor.mjs', given], { cwd: project.folder });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, vouchedFor: 3 });
  });
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
    if (auditorsNode.version.startsWith('v20.'))
      expect(stderr).toContain('This Node.js cannot read a key for ml-dsa-44');
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
    const path = join(project.folder, await file(many.export));
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
