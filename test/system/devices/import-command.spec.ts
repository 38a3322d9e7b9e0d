import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ScureBase32Plugin } from 'otplib';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, type Call, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { runProgram, type Program } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let call: Call;
let folder: string;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = ApiDescription.read().checked(panel.call);
  folder = await mkdtemp(join(tmpdir(), 'sallyport-import-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await panel.stop();
});
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

const base32 = new ScureBase32Plugin();
const newSeed = (bytes = 20) => base32.encode(randomBytes(bytes), { padding: false });
const login = async (user: TestUser, code: string) =>
  call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { code });

describe('npm run admin -- import', () => {
  let files = 0;
  const env = () => ({ DATABASE_URL: panel.databaseUrl, SALLYPORT_KEYS: panel.keyFile });
  const run = (file: string, tenant = panel.tenantId) =>
    runProgram('standalone/admin', ['import', file, '--tenant', tenant], env());
  async function write(lines: readonly (object | string)[]): Promise<string> {
    const file = join(folder, `seeds-${(files += 1)}.ndjson`);
    await writeFile(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return file;
  }
  const lineOf = (name: string, more: object = {}) => ({
    accountId: `bulk-${name}`,
    userId: `user-${name}`,
    name: 'Old app',
    secret: newSeed(),
    ...more,
  });

  test('takes what it can, says what it refuses and why, and does nothing twice', async () => {
    const known = await panel.user(undefined, { displayName: 'As the panel says' });
    const service = await panel.user(undefined, { kind: 'service' });
    const { accountId, userId } = known;
    const [first, existing] = [
      lineOf('first', { email: 'first@panel.example', phone: '0031 6 12345678', displayName: 'First' }),
      lineOf('existing', { accountId, userId, displayName: 'As the file says' }),
    ];
    const bad = [
      '{"accountId": "a", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"',
      lineOf('short', { secret: 'JBSWY3DPEHPK3PXP' }),
      lineOf('number', { phone: '12345' }),
      lineOf('unknown', { colour: 'red' }),
      lineOf('service', { accountId: service.accountId, userId: service.userId }),
      '[]',
    ];
    const file = await write([`\uFEFF${JSON.stringify(first)}`, '', existing, ...bad]);
    const program = run(file);
    expect(await program.ended).toBe(1);
    const summary = JSON.parse(program.output.stdout);
    const report = `${file}.refused.ndjson`;
    expect(summary).toEqual({ lines: 8, imported: 2, known: 0, refused: 6, report, finished: true });
    expect(program.output.stderr).toContain('2 imported, 0 imported before, 6 refused');

    const text = await readFile(report, 'utf8');
    expect((await stat(report)).mode & 0o077).toBe(0);
    const refused = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; code: string });
    expect(refused).toMatchObject([
      { line: 4, code: 'invalid_request', detail: 'The line is not JSON.' },
      { line: 5, code: 'invalid_request', errors: [{ pointer: '/secret' }] },
      { line: 6, code: 'phone_invalid' },
      { line: 7, code: 'invalid_request', errors: [{ pointer: '/colour' }] },
      { line: 8, code: 'method_not_allowed', detail: 'A service user cannot have a second factor.' },
      { line: 9, code: 'invalid_request' },
    ]);
    for (const seed of ['JBSWY3DPEHPK3PXP', first.secret]) {
      expect(text + program.output.stderr + program.output.stdout).not.toContain(seed);
    }
    // A refused line leaves nothing behind, its account neither.
    expect((await call('GET', '/v1/accounts/bulk-number')).status).toBe(404);

    const path = '/v1/accounts/bulk-first/users/user-first';
    expect((await call('GET', path)).body).toMatchObject({
      displayName: 'First',
      email: 'first@panel.example',
      phone: '+31612345678',
      twoFactor: { status: 'enabled' },
      devices: [{ status: 'verified', name: 'Old app' }],
    });
    expect((await call('GET', known.path)).body.displayName).toBe('As the panel says');
    const user = { accountId: 'bulk-first', userId: 'user-first', path };
    expect((await login(user, totp(first.secret))).status).toBe(200);
    expect((await login(known, totp(existing.secret))).status).toBe(200);

    // Erased since: running it again brings nobody back.
    expect((await call('DELETE', path)).status).toBe(204);
    const before = await readRows(panel);
    const again = run(file);
    expect(await again.ended).toBe(1);
    expect(JSON.parse(again.output.stdout)).toMatchObject({ imported: 0, known: 2, refused: 6 });
    expect(await readRows(panel)).toEqual(before);
  }, 240_000);

  test('refuses what the API refuses, line by line, and goes on', async () => {
    const good = (name: string, more: object = {}) => JSON.stringify(lineOf(name, more));
    const withText = (name: string, text: string) => good(name, { name: 'PLACE' }).replace('PLACE', text);
    const utf8 = (text: string) => Buffer.from(text);
    const lines: [Buffer, refused: string | null][] = [
      [Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), utf8(good('bom'))]), null],
      [utf8(withText('surrogate', 'cut \\ud83d')), '/name'],
      [utf8(withText('nul', 'a\\u0000b')), '/name'],
      [utf8(withText('control', 'a\\u001bb')), '/name'],
      [utf8(withText('unseen', '\\u200b')), '/name'],
      [utf8(good('key').replace('{', '{"\\ud800":1,')), '/\ufffd'],
      [utf8(good('proto').replace('{', '{"__proto__":{},')), '/__proto__'],
      [Buffer.concat([utf8('{"accountId":"'), Buffer.of(0xff), utf8('"}')]), ''],
      [Buffer.from(good('latin', { name: 'Zoë' }), 'latin1'), ''],
      [Buffer.from(good('utf16'), 'utf16le'), ''],
      [utf8(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`), ''],
      [utf8(good('long', { displayName: 'x'.repeat(200_000) })), ''],
      [utf8(good('email', { email: `${'x'.repeat(65)}@panel.example` })), '/email'],
      [utf8(good('locale', { locale: 'nl_NL' })), '/locale'],
      [utf8(good('windows').concat('\r')), null],
      [utf8(' \t\r'), null],
      // Line breaks for some, and none for JSON.
      [utf8(good('separator', { accountId: 'bulk-a\u2028b' })), null],
      [
        utf8(
          good('next', { email: 'jane@пример.рф', phone: '\u202a+31 6 12345678\u202c', locale: 'nl-NL-u-rg-bezzzz' }),
        ),
        null,
      ],
      [utf8(good('carriage').replace('{', '{\r')), null],
    ];
    const file = join(folder, `seeds-${(files += 1)}.ndjson`);
    await writeFile(file, Buffer.concat(lines.flatMap(([line]) => [line, Buffer.of(10)])));
    const program = run(file);
    expect(await program.ended).toBe(1);
    expect(program.output.stderr).not.toMatch(/\bat \w+ \(/);
    const expected = lines.flatMap(([, pointer], index) => (pointer === null ? [] : [{ line: index + 1, pointer }]));
    const report = (await readFile(`${file}.refused.ndjson`, 'utf8')).trim().split('\n');
    const refused = report.map((text) => JSON.parse(text) as { line: number; errors: [{ pointer: string }] });
    expect(refused.map(({ line, errors }) => ({ line, pointer: errors[0].pointer }))).toEqual(expected);
    expect(JSON.parse(program.output.stdout)).toMatchObject({
      lines: lines.length - 1,
      imported: lines.length - 1 - expected.length,
      refused: expected.length,
      finished: true,
    });
    expect((await call('GET', '/v1/accounts/bulk-next/users/user-next')).body).toMatchObject({
      email: 'jane@xn--e1afmkfd.xn--p1ai',
      phone: '+31612345678',
    });
  }, 240_000);

  test('says of lines that were corrected since that nothing changed', async () => {
    const profile = { displayName: 'First', email: 'first@panel.example' };
    const [first, second, third] = [lineOf('differ-1', profile), lineOf('differ-2'), lineOf('differ-3')];
    const once = run(await write([first, second, third]));
    expect(await once.ended).toBe(0);
    const before = await readRows(panel);
    const corrected = [
      { ...first, email: 'second@panel.example', displayName: 'Second' },
      { ...second, algorithm: 'sha256', digits: 8 },
      // The same in other words.
      { ...third, algorithm: 'sha1', digits: 6, period: 30, secret: third.secret.toLowerCase() },
    ];
    const file = await write(corrected);
    const again = run(file);
    expect(await again.ended).toBe(1);
    expect(JSON.parse(again.output.stdout)).toMatchObject({ imported: 0, known: 1, refused: 2 });
    const report = (await readFile(`${file}.refused.ndjson`, 'utf8')).trim().split('\n');
    expect(report.map((text) => JSON.parse(text) as object)).toMatchObject([
      { line: 1, code: 'device_already_verified', errors: [{ pointer: '/displayName' }, { pointer: '/email' }] },
      { line: 2, code: 'device_already_verified', errors: [{ pointer: '/algorithm' }, { pointer: '/digits' }] },
    ]);
    expect(await readRows(panel)).toEqual(before);
  }, 240_000);

  test('killed in the middle, goes on where it was: all are there, each once', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => lineOf(`kill-${index}`, { accountId: 'bulk-kill' }));
    const file = await write(lines);
    const count = async (type: string) => {
      const [row] = await panel.sql<{ n: number }>(
        `select count(*)::int as n from event where account_id = 'bulk-kill' and type = $1`,
        [type],
      );
      return row?.n ?? 0;
    };
    const until = async ({ process, output }: Program, imported: number) => {
      while ((await count('device.imported')) < imported) {
        if (process.exitCode !== null) throw new Error(`It ended too early: ${output.stderr}`);
        await sleep(10);
      }
    };
    const killed = run(file);
    await until(killed, 30);
    killed.process.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    const [done, users] = [await count('device.imported'), await count('user.created')];
    expect(done).toBeLessThan(300);
    // No user without its device: a line is whole or not there.
    expect(users).toBe(done);

    // Ctrl-C ends it between two lines.
    const stopped = run(file);
    await until(stopped, done + 20);
    stopped.process.kill('SIGINT');
    expect(await stopped.ended).toBe(1);
    const half = JSON.parse(stopped.output.stdout);
    expect(half).toMatchObject({ finished: false, known: done, refused: 0 });

    // Two at once do each line once.
    const both = [run(file), run(file)];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    const sums = both.map(({ output }) => JSON.parse(output.stdout) as { imported: number; known: number });
    expect(done + half.imported + sums.reduce((sum, { imported }) => sum + imported, 0)).toBe(300);
    for (const { imported, known } of sums) expect(imported + known).toBe(300);
    for (const type of ['device.imported', 'user.created', 'two_factor.enabled']) expect(await count(type)).toBe(300);
    const [devices] = await panel.sql(
      `select count(*)::int as n from device d join app_user u on u.id = d.user_id join account a on a.id = u.account_id
       where a.external_id = 'bulk-kill'`,
    );
    expect(devices).toEqual({ n: 300 });
  }, 240_000);

  test('says in one line what it cannot do', async () => {
    const file = await write([lineOf('x')]);
    const refusal = async (args: string[], settings: Record<string, string> = env()) => {
      const program = runProgram('standalone/admin', ['import', ...args], settings);
      expect(await program.ended).toBe(1);
      expect(program.output.stdout).toBe('');
      return program.output.stderr;
    };
    const tenant = ['--tenant', panel.tenantId];
    expect(await refusal([file, '--tenant', 'tnt_unknown'])).toMatch(/^admin: there is no tenant tnt_unknown/);
    expect(await refusal([join(folder, 'absent'), ...tenant])).toMatch(/^admin: .*absent cannot be read \(ENOENT\)/);
    expect(await refusal([file, ...tenant, '--report', file])).toContain('cannot be the file that is imported');
    const without = { DATABASE_URL: panel.databaseUrl, SALLYPORT_DATA_DIR: join(folder, 'nothing') };
    expect(await refusal([file, ...tenant], without)).toMatch(/keys\.json, which cannot be read/);
    expect(await readFile(file, 'utf8')).not.toBe('');
  }, 240_000);
});
