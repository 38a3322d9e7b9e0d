import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { newId } from '#contracts';
import { generateKeyFile } from '#runtime';
import { auditOrigin } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { hecFiles } from '../../support/hec-files.js';
import { HecServer } from '../../support/hec-server.js';
import { runProgram, type Program } from '../../support/system.js';

// A lease is 30 s, and each process takes some seconds to start on a busy machine.
jest.setTimeout(240_000);

const { checkpoint } = JSON.parse(generateKeyFile()) as Record<string, unknown>;
let store: TestDatabase;
let pool: pg.Pool;
let server: HecServer;
let state: Awaited<ReturnType<typeof auditState>>;
const programs: Program[] = [];
const files = hecFiles();

beforeAll(async () => {
  store = await createTestDatabase();
  pool = new pg.Pool({ connectionString: store.url });
  server = await HecServer.start(files.own);
  state = await auditState();
  await pool.query(`insert into tenant (id, name) values ('tnt_1', 'one')`);
});
afterAll(async () => {
  for (const { process, ended } of programs) {
    process.kill('SIGKILL');
    await ended;
  }
  server.stop();
  await state.remove();
  await pool.end();
  await store.close();
});

const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;

async function startWorker(): Promise<Program> {
  const program = runProgram('audit-worker/main', [], {
    DATABASE_URL: store.url,
    SALLYPORT_KEYS: JSON.stringify({ checkpoint }),
    AUDIT_ORIGIN: auditOrigin,
    AUDIT_STATE_DIR: state.path,
    AUDIT_COLLECTORS: files.listOf(files.entryAt(server.url)),
  });
  programs.push(program);
  await until('it is ready', () => program.output.stdout.includes('"msg":"ready"'));
  return program;
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 90_000) throw new Error(`It never came to this: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('where a worker is killed before its batch is acknowledged, another sends it again, and nothing is missing', async () => {
  const first = await startWorker();
  server.acknowledges = false;
  const ids = Array.from({ length: 1200 }, () => newId('event'));
  await pool.query(
    `insert into event (id, tenant_id, type, data) select id, 'tnt_1', 'user.created', '{}' from unnest($1::text[]) as e(id)`,
    [ids],
  );
  await until('it has sent a batch', () => server.batches.length > 0);
  const second = await startWorker();
  first.process.kill('SIGKILL');
  await first.ended;
  const sent = server.events.length;
  server.acknowledges = true;
  const waiting = `select from audit_log l where size > coalesce((select sequence from audit_collector_position p
    where p.tenant_id = l.tenant_id), 0)`;
  const have = () => new Set(server.events.map(({ fields }) => fields.eventId));
  await until('the other has sent all', async () => have().size >= ids.length && (await sql(waiting)).length === 0);
  expect(ids.filter((id) => !have().has(id))).toEqual([]);
  // Each log in order, and what was not acknowledged a second time.
  const sequences = server.events.slice(sent).map(({ fields }) => fields.sequence);
  expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
  expect(second.output.stdout).not.toContain('"level":50');
});
