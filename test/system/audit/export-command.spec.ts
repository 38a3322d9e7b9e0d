import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ExportVerification, openCheckpoint, noWitness, parseVkey } from '#audit-log';
import { readVkeys } from '../../support/audit-export.js';
import { buildGo, hasGo } from '../../support/go-programs.js';
import { change, happen, rewrite, sign, sql, store } from '../../support/signed-log.js';
import { runProgram } from '../../support/system.js';
import { tamper } from '../../support/tamper.js';

const goIsHere = hasGo();
let root: string;
let folder: string;
let reader: string;
let runs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sallyport-export-'));
  if (goIsHere) reader = await buildGo('tile-reader', root);
}, 300_000);
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(root, `run-${(runs += 1)}`);
});

async function exportAs(...args: string[]) {
  const program = runProgram('standalone/admin', ['audit', 'export', '--tenant', 'tnt_1', ...args], {
    DATABASE_URL: store.url,
  });
  const status = await program.ended;
  const { stdout, stderr } = program.output;
  return { status, summary: stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>), stderr };
}
const told = () =>
  sql(`select data from event where type = 'audit.exported' order by time`).then((rows) =>
    rows.map(({ data }) => data),
  );
const filesOf = async (path: string) =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .toSorted();

describe('npm run admin -- audit export, as tiles', () => {
  test('is a folder that Go reads; the next run adds what is new and leaves what is full', async () => {
    await happen(600);
    await sign();
    expect(await exportAs('--format', 'tiles', '--out', folder)).toMatchObject({
      status: 0,
      summary: { lastSequence: 600, finished: true, files: 7, withheld: 0 },
    });
    const first = ['000', '001', '002.p/88'];
    expect(await filesOf(folder)).toEqual([
      'checkpoint',
      ...first.map((path) => `tile/0/${path}`),
      'tile/1/000.p/2',
      ...first.map((path) => `tile/entries/${path}`),
    ]);
    const times = await Promise.all(
      ['tile/0/001', 'tile/entries/001'].map(async (path) => (await stat(join(folder, path))).mtimeMs),
    );

    // The export is told in the log itself: 601 entries and these.
    await happen(300);
    await sign();
    expect(await exportAs('--format', 'tiles', '--out', folder)).toMatchObject({
      status: 0,
      summary: { lastSequence: 901, finished: true },
    });
    const second = ['000', '001', '002', '003.p/133'];
    expect(await filesOf(folder)).toEqual([
      'checkpoint',
      ...second.map((path) => `tile/0/${path}`),
      'tile/1/000.p/2',
      'tile/1/000.p/3',
      ...second.map((path) => `tile/entries/${path}`),
    ]);
    expect(
      await Promise.all(
        ['tile/0/001', 'tile/entries/001'].map(async (path) => (await stat(join(folder, path))).mtimeMs),
      ),
    ).toEqual(times);

    // Go knows this kind of signature only.
    const vkey = (await readVkeys(sql, 'tnt_1')).find((key) => parseVkey(key).type === 'ed25519') ?? '';
    const note = await readFile(join(folder, 'checkpoint'), 'utf8');
    expect(openCheckpoint(note, { logs: [parseVkey(vkey)], quorum: noWitness }).head.size).toBe(901);
    if (goIsHere) {
      const { status, stdout } = spawnSync(reader, [vkey, folder], { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 0, stdout: '901 entries\n' });
      const bundle = join(folder, 'tile/entries/001');
      const bytes = await readFile(bundle);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      await writeFile(bundle, bytes);
      expect(spawnSync(reader, [vkey, folder]).status).toBe(1);
    }
    expect(await told()).toEqual(
      [600, 901].map((lastSequence) => ({ format: 'tiles', lastSequence, whole: true, personal: false })),
    );
  });

  test('is refused where the log was changed, and the checkpoint stays the old one', async () => {
    await happen(300);
    await sign();
    await exportAs('--format', 'tiles', '--out', folder);
    const before = await readFile(join(folder, 'checkpoint'), 'utf8');
    await happen(300);
    await sign();
    await change(`user_id = 'somebody else'`, 270, 270);
    expect(await exportAs('--format', 'tiles', '--out', folder)).toMatchObject({
      status: 1,
      stderr: 'admin: entry 270 of the log was changed after it had been sealed.\n',
    });
    // What the folder has is not what the log had.
    await change(`user_id = 'user-1'`, 270, 270);
    const tile = join(folder, 'tile/1/000.p/1');
    await writeFile(tile, Buffer.alloc(32));
    const { status, stderr } = await exportAs('--format', 'tiles', '--out', folder);
    expect([status, stderr]).toEqual([1, expect.stringContaining('does not continue the 300 entries')]);
    expect(await readFile(join(folder, 'checkpoint'), 'utf8')).toBe(before);
    await rewrite(400, 420);
    await rm(folder, { recursive: true });
    const rewritten = await exportAs('--format', 'tiles', '--out', folder);
    expect([rewritten.status, rewritten.stderr]).toEqual([1, expect.stringContaining('is not what its checkpoint of')]);
    expect(await filesOf(folder)).not.toContain('checkpoint');
  });

  test('says what is missing or misplaced', async () => {
    expect((await exportAs('--format', 'tiles', '--out', folder)).stderr).toContain(
      'no checkpoint of the log of tnt_1',
    );
    expect((await exportAs('--format', 'tiles', '--out', folder, '--user', 'x')).stderr).toContain(
      '--user is not for tiles',
    );
    await happen(1);
    await sign();
    expect((await exportAs('--format', 'tiles', '--out', root)).stderr).toContain('has files that are not of a log');
  });
});

describe('npm run admin -- audit export, as a file', () => {
  const verify = (text: string) => {
    const verification = new ExportVerification({ tenantId: 'tnt_1' });
    for (const line of text.split('\n').slice(0, -1)) verification.add(line);
    return verification.finish();
  };

  test('is the log as it was hashed, and told in it', async () => {
    await happen(5000);
    const out = `${folder}.ndjson`;
    expect(await exportAs('--out', out)).toMatchObject({
      status: 0,
      stderr: '',
      summary: { tenantId: 'tnt_1', format: 'ndjson', out, lastSequence: 5000, events: 5000, finished: true },
    });
    expect(verify(await readFile(out, 'utf8'))).toMatchObject({ ok: true });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(await told()).toEqual([{ format: 'ndjson', lastSequence: 5000, whole: true, personal: false }]);
    expect((await exportAs('--out', out)).stderr).toBe(`admin: ${out} is there already. --force writes it anew.\n`);
    expect(await exportAs('--out', out, '--force', '--quiet')).toEqual({ status: 0, stderr: '', summary: undefined });
    expect(verify(await readFile(out, 'utf8'))).toMatchObject({ ok: true });
  });

  test.each(['csv', 'ndjson', 'csv.gz'])('that was cut off (%s) goes on: no gap, no repeat', async (suffix) => {
    await happen(9000);
    const format = suffix.split('.')[0] ?? '';
    const read = async (path: string) => {
      const bytes = await readFile(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    };
    await exportAs('--format', format, '--out', `${folder}.whole.${suffix}`);
    const out = `${folder}.${suffix}`;
    // As a run that was killed leaves it: a place that was noted, and half a line more.
    const whole = await readFile(`${folder}.whole.${suffix}`);
    const lines = (await read(`${folder}.whole.${suffix}`)).split(/(?<=\n)/);
    const head = format === 'csv' ? 1 : 0;
    const pages = lines.slice(0, head + 4000).join('');
    const bytes = suffix.endsWith('.gz') ? membersOf(whole, [head, 2000, 2000]) : Buffer.byteLength(pages);
    await writeFile(`${out}.part`, whole.subarray(0, bytes + 77));
    const of = { tenantId: 'tnt_1', format, personal: false, compressed: suffix.endsWith('.gz') };
    const place = { of: JSON.stringify(of), end: 9000, sequence: 4000, bytes, events: 4000 };
    await writeFile(`${out}.part.json`, JSON.stringify(place));
    expect((await exportAs('--format', format, '--out', out)).stderr).toContain('--resume goes on with it');
    expect((await exportAs('--format', 'cef', '--out', out, '--resume')).stderr).toContain('is of another export');
    expect(await exportAs('--format', format, '--out', out, '--resume')).toMatchObject({
      status: 0,
      summary: { events: 9000, lastSequence: 9000, finished: true },
    });
    expect(await read(out)).toBe(await read(`${folder}.whole.${suffix}`));
    expect((await filesOf(root)).filter((path) => path.includes('.part'))).toEqual([]);
  });

  test('that is stopped says where it is, and goes on later', async () => {
    await happen(9000);
    const out = `${folder}.ndjson`;
    const program = runProgram('standalone/admin', ['audit', 'export', '--tenant', 'tnt_1', '--out', out], {
      DATABASE_URL: store.url,
    });
    while (program.process.exitCode === null && (await stat(`${out}.part`).catch(() => undefined)) === undefined)
      await new Promise((done) => setTimeout(done, 2));
    program.process.kill('SIGTERM');
    const status = await program.ended;
    expect(await exportAs('--out', out, '--resume', ...(status === 0 ? ['--force'] : []))).toMatchObject({ status: 0 });
    expect(verify(await readFile(out, 'utf8'))).toMatchObject({ ok: true });
  });

  test('has what was asked for only', async () => {
    await happen(50);
    await happen(5, 'tnt_2');
    await sql(
      `insert into event (id, tenant_id, type, account_id, user_id, data) values ('evt_other', 'tnt_1', 'user.created', 'acme', '=1+1', '{}')`,
    );
    await happen(1);
    const lines = async (...args: string[]) => {
      const out = `${folder}-${(runs += 1)}`;
      await exportAs('--format', 'csv', '--out', out, ...args);
      return (await readFile(out, 'utf8')).split('\r\n').slice(1, -1);
    };
    expect(await lines('--account', 'acme')).toEqual([expect.stringContaining(`,user.created,evt_other,acme,'=1+1,`)]);
    expect(await lines('--type', 'user.*', '--type', 'login.allowed')).toHaveLength(1);
    expect(await lines('--user', 'user-1', '--to', '2001-01-01T00:00:00Z')).toEqual([]);
    expect(await lines('--type', 'challenge.*', '--from', '2001-01-01T00:00:00Z')).toHaveLength(51);
  });

  test('of a log that was pruned has the hashes of what is gone', async () => {
    await happen(10);
    await sign();
    await prune(4);
    const out = `${folder}.ndjson`;
    await exportAs('--out', out);
    const text = await readFile(out, 'utf8');
    expect(text).toMatch(/^\{"index":0,"leafHash":"[^"]+"\}\n/);
    expect(verify(text)).toMatchObject({ ok: true });
    expect(text.split('\n')).toHaveLength(11);
    expect(await exportAs('--format', 'tiles', '--out', folder)).toMatchObject({ status: 0, summary: { withheld: 1 } });
  });

  test('is refused in plain words', async () => {
    const out = `${folder}.csv`;
    expect(await exportAs('--tenant', 'tnt_none', '--out', out)).toMatchObject({
      status: 1,
      stderr: 'admin: there is no tenant tnt_none. "tenant list" shows them.\n',
    });
    expect((await exportAs('--out', join(folder, 'none', 'x'))).stderr).toMatch(/none\/x cannot be written \(ENOENT\)/);
    expect((await exportAs('--out', out, '--format', 'xml')).stderr).toContain('tiles');
    expect((await exportAs('--out', out, '--type', 'nothing')).stderr).toContain('must be an event type');
  });
});

/** Bytes of the first members of a compressed file, each a page: as long as they take to be unpacked to so many lines. */
function membersOf(bytes: Buffer, pages: readonly number[]): number {
  const wanted = pages.reduce((sum, lines) => sum + lines, 0);
  for (let end = bytes.indexOf('1f8b08', 1, 'hex'); end > 0; end = bytes.indexOf('1f8b08', end + 1, 'hex')) {
    try {
      if (gunzipSync(bytes.subarray(0, end)).toString().split('\n').length - 1 === wanted) return end;
    } catch {
      // Not the beginning of a member, but bytes like one.
    }
  }
  throw new Error('There is no such member.');
}

async function prune(sequence: number): Promise<void> {
  await tamper(
    store.url,
    `delete from event where id in (select event_id from audit_entry where sequence <= ${sequence})`,
  );
}
