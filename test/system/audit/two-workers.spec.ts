import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { formatVkey, verifierKey } from '#audit-log';
import { generateKeyFile, loadKeys } from '#runtime';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { auditOrigin } from '../../support/apps.js';
import { readCheckpoints, readLog, verifyLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { runProgram, type Program } from '../../support/system.js';
import { faultsOfSealing, soundlySealed, writeOfUsers } from '../../support/writers-of-users.js';

// Each process takes some seconds to start on a busy machine.
jest.setTimeout(180_000);

const keyFile = generateKeyFile();
const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: keyFile });
const tenants = ['tnt_1', 'tnt_2'];

let store: TestDatabase;
let pool: pg.Pool;
let state: Awaited<ReturnType<typeof auditState>>;
const programs: Program[] = [];

beforeAll(async () => {
  store = await createTestDatabase();
  pool = new pg.Pool({ connectionString: store.url, max: 20 });
  for (const id of tenants) await pool.query('insert into tenant (id, name) values ($1, $1)', [id]);
});
afterAll(async () => {
  await pool.end();
  await store.close();
});
beforeEach(async () => {
  state = await auditState();
});
afterEach(async () => {
  for (const { process, ended } of programs.splice(0)) {
    process.kill('SIGTERM');
    await ended;
  }
  await state.remove();
});

const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;

const settings = () => ({
  DATABASE_URL: store.url,
  SALLYPORT_KEYS: JSON.stringify({ checkpoint: (JSON.parse(keyFile) as Record<string, unknown>)['checkpoint'] }),
  AUDIT_ORIGIN: auditOrigin,
  AUDIT_STATE_DIR: state.path,
});

async function start(): Promise<Program> {
  const program = runProgram('audit-worker/main', [], settings());
  programs.push(program);
  await new Promise<void>((done, fail) => {
    program.process.stdout?.on('data', () => program.output.stdout.includes('"msg":"ready"') && done());
    void program.ended.then((status) => fail(new Error(`It ended with ${status}: ${program.output.stderr}`)));
  });
  return program;
}

const sealedBy = ({ output }: Program) => output.stdout.match(/"msg":"events sealed"/g)?.length ?? 0;

async function untilSealed(within = 120_000): Promise<void> {
  const late = Date.now() + within;
  while ((await faultsOfSealing(sql))['unsealed'] !== 0) {
    if (Date.now() > late) throw new Error(`Events wait after ${within / 1000} s: ${await described()}`);
    await sleep(50);
  }
}
const described = async () => JSON.stringify(await faultsOfSealing(sql));

async function expectVerified(): Promise<void> {
  const logs = new LogKeys(auditOrigin, checkpoint);
  for (const tenantId of tenants) {
    const notes = (await readCheckpoints(sql, tenantId)).map(({ note }) => note);
    const verdict = verifyLog(tenantId, await readLog(sql, tenantId), notes, logs.of(tenantId).vkeys);
    expect(verdict).toMatchObject({ ok: true });
    expect(notes.length).toBeGreaterThan(0);
  }
}

/** Events that users wrote: workers tell of their own starts. */
async function countOf(from: string): Promise<number> {
  const [row] = await sql(`select count(*)::int as n from ${from} where e.type not like 'sealing.%'`);
  return Number(row?.['n']);
}

describe('two audit workers on one database', () => {
  test('one is killed: the other seals on within 15 s, without a gap and without a repeat', async () => {
    const both = [await start(), await start()];
    for (let round = 0; round < 2; round += 1) {
      let writing = true;
      const written = writeOfUsers(pool, { events: 3000, writers: 8, tenants }).finally(() => (writing = false));
      // In the middle of its work, as far as can be seen from outside.
      const before = both.map(sealedBy);
      const isAtWork = (program: Program, at: number) => sealedBy(program) > (before[at] ?? 0);
      while (!both.some(isAtWork) && writing) await sleep(5);
      const at = Math.max(0, both.findIndex(isAtWork));
      const [victim] = both.splice(at, 1);
      victim?.process.kill('SIGKILL');
      expect(await victim?.ended).toBe('SIGKILL');
      await written;
      await untilSealed(15_000);
      expect(await faultsOfSealing(sql)).toEqual(soundlySealed);
      both.push(await start());
    }
    await sleep(1500);
    await expectVerified();
  });

  test('seal together what 16 writers write, without a gap or a repeat, each user in order', async () => {
    await Promise.all([start(), start()]);
    const before = await countOf('event e');
    const written = await writeOfUsers(pool, { events: 8000, tenants: [...tenants].toReversed() });
    await untilSealed();
    expect(await faultsOfSealing(sql)).toEqual(soundlySealed);
    expect(await countOf('audit_entry a join event e on e.id = a.event_id')).toBe(before + written);
    await expectVerified();
  });
});

describe('a wrong setting of witnesses', () => {
  const own = formatVkey(verifierKey('witness.example/w1', 'cosignature/v1', createPublicKey(checkpoint.privateKey)));
  const other = 'witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X';
  test.each([
    [{ AUDIT_WITNESSES: 'https://w1.example' }, 'AUDIT_WITNESSES: witness 1 is not written as its public key'],
    [{ AUDIT_WITNESSES: `${own} https://w1.example` }, 'A log is no witness of itself'],
    [
      { AUDIT_WITNESSES: `${other} https://w1.example`, AUDIT_WITNESS_QUORUM: '2' },
      'AUDIT_WITNESS_QUORUM is 2, and AUDIT_WITNESSES names 1.',
    ],
    [{ AUDIT_WITNESS_QUORUM: '0' }, 'AUDIT_WITNESS_QUORUM must be a whole number from 1 to 64'],
  ])('is refused at the start, in one line: %j', async (more, words) => {
    const program = runProgram('audit-worker/main', [], { ...settings(), ...more });
    expect(await program.ended).toBe(1);
    expect(program.output.stderr).toMatch(/^audit-worker: [^\n]+\n$/);
    expect(program.output.stderr).toContain(words);
    expect(program.output.stderr).not.toContain('    at ');
  });
});
