import { spawn } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exportFormats } from '#audit-events';
import { encodeEvent, formatVkey, hashLeaf, logOrigin, signCheckpoint, signingKey, TreeState } from '#audit-log';
import { createApiKey, createTenant, Database, sealedEvent, storedEventColumns, type StoredEvent } from '#persistence';
import { memoryFlags } from '../test/support/memory-flags.ts';
import { cpuOf, peakMemory } from './cpu-time.ts';
import { openSystem, Started, type System } from './system.ts';
import { say } from './say.ts';

/**
 * How fast a log is exported, and in how much memory: `node bench/export.ts [events]`. Beside the same rows read by the same
 * statement and thrown away. bench/README.md says more.
 */
const events = Number(process.argv[2] ?? 1_000_000);
const sizes = [events / 10, (events * 3) / 10, events];
/** In so small a heap whatever is left behind by an event ends the process before the last one. */
const smallHeap = '--max-old-space-size=96 --max-semi-space-size=4';
const batch = 50_000;
/** Entries that the floor reads at once, as the command does. */
const atOnce = 2000;

interface Log {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly size: number;
}

interface Measured {
  readonly seconds: number;
  readonly events: number;
  /** At most, in MB; of the process that exports. */
  readonly memory?: number;
  /** Of that process, in µs for each event. */
  readonly cpu?: number;
}

const idOf = (tenantId: string, n: number) => `evt_${hash('md5', `${tenantId} ${n}`)}`;

async function fill(system: System, size: number): Promise<Log> {
  const database = Database.open({ url: system.databaseUrl, poolSize: 1, onError: () => undefined });
  const { tenantId } = await createTenant(database, { name: `Log of ${size}` });
  const key = await createApiKey(database, { tenantId, name: 'bench', scopes: ['audit'] });
  await database.close();
  for (let first = 0; first < size; first += batch) {
    await system.sql.query(
      `insert into event (id, tenant_id, type, account_id, user_id, request_id, data, personal_sealed)
       select 'evt_' || md5($1 || ' ' || n), $1, (array['challenge.created', 'challenge.approved', 'login.allowed', 'code.sent'])[1 + n % 4],
         'account-' || n % 500, 'user-' || n % 5000, 'req_' || n,
         jsonb_build_object('challengeId', 'chl_' || md5(n::text), 'deviceId', 'dev_' || n % 5000, 'method', 'totp',
           'purpose', 'login', 'application', 'panel', 'apiKeyId', 'key_1'),
         decode(md5(n::text) || md5($1) || md5(n::text), 'hex')
       from generate_series($2::int, $3::int) n`,
      [tenantId, first + 1, Math.min(first + batch, size)],
    );
  }
  return { tenantId, apiKey: key?.key ?? '', size };
}

/** Puts events into the log as the audit worker does, and signs it; but in bulk. */
async function seal({ sql }: System, { tenantId, size }: Log): Promise<void> {
  const tree = TreeState.empty();
  for (let first = 0; first < size; first += batch) {
    const { rows } = await sql.query<StoredEvent>(
      `select ${storedEventColumns}, e.data, e.personal_sealed as "personalSealed"
       from event e join unnest($1::text[]) with ordinality as w(id, n) on w.id = e.id order by w.n`,
      [Array.from({ length: Math.min(batch, size - first) }, (_, n) => idOf(tenantId, first + n + 1))],
    );
    const leaves = rows.map((row) => hashLeaf(encodeEvent(sealedEvent(row))));
    for (const leaf of leaves) tree.append(leaf);
    await sql.query(
      `insert into audit_entry (tenant_id, sequence, event_id, leaf_hash)
       select $1, $2 + n, id, leaf from unnest($3::text[], $4::bytea[]) with ordinality as w(id, leaf, n)`,
      [tenantId, first, rows.map(({ id }) => id), leaves],
    );
  }
  const origin = logOrigin('sallyport.test/audit', tenantId);
  const key = signingKey(origin, 'ed25519', generateKeyPairSync('ed25519').privateKey);
  const note = signCheckpoint({ origin, size, root: tree.root() }, [key], Math.floor(Date.now() / 1000));
  await sql.query('insert into audit_key (tenant_id, vkey) values ($1, $2)', [tenantId, formatVkey(key)]);
  await sql.query(
    'insert into audit_checkpoint (tenant_id, size, signed_at, root, note) values ($1, $2, now(), $3, $4)',
    [tenantId, size, tree.root(), note],
  );
}

async function readOnly(system: System, { tenantId, size }: Log): Promise<Measured> {
  const start = performance.now();
  let read = 0;
  for (let after = 0; after < size; after += atOnce) {
    const { rows } = await system.sql.query({
      name: 'floor',
      text: `select n.sequence, n.leaf_hash, e.* from audit_entry n left join event e on e.id = n.event_id
        where n.tenant_id = $1 and n.sequence > $2 and n.sequence <= $3 order by n.sequence`,
      values: [tenantId, after, Math.min(after + atOnce, size)],
    });
    read += rows.length;
  }
  return { seconds: (performance.now() - start) / 1000, events: read };
}

/** @param options of Node.js, beside those that the program always has */
async function byApi(system: System, { apiKey }: Log, format: string, options = ''): Promise<Measured> {
  const gateway = await system.start('gateway', { NODE_OPTIONS: options });
  try {
    const cpu = await cpuOf(gateway.pid);
    const start = performance.now();
    const url = `http://127.0.0.1:${gateway.port}/v1/audit/export?format=${format}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
    if (response.status !== 200 || !response.body) throw new Error(await response.text());
    let lines = 0;
    for await (const chunk of response.body) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
    const seconds = (performance.now() - start) / 1000;
    const used = (await cpuOf(gateway.pid)) - cpu;
    return { seconds, events: lines, memory: await peakMemory(gateway.pid), cpu: used / lines };
  } finally {
    await gateway.stop();
  }
}

async function byCommand(system: System, { tenantId, size }: Log, format: string, options = ''): Promise<Measured> {
  const start = performance.now();
  const out = await mkdtemp(join(system.folder, 'export-'));
  const program = join(import.meta.dirname, '../dist/apps/standalone/src/admin.js');
  const args = [
    program,
    'audit',
    'export',
    '--tenant',
    tenantId,
    '--format',
    format,
    '--out',
    join(out, 'log'),
    '--quiet',
  ];
  const env = { PATH: process.env['PATH'], DATABASE_URL: system.databaseUrl, NODE_OPTIONS: options };
  const child = spawn(process.execPath, [...memoryFlags('admin'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const most = { memory: 0, cpu: 0 };
  const look = async (pid: number) => {
    // What has ended has no numbers any more.
    most.memory = Math.max(most.memory, (await peakMemory(pid)) || 0);
    most.cpu = Math.max(most.cpu, (await cpuOf(pid)) || 0);
  };
  const watch = setInterval(() => void look(child.pid ?? 0), 100);
  const [status] = await once(child, 'close');
  clearInterval(watch);
  if (status !== 0) throw new Error(`The export as ${format} ended with ${status}.`);
  const seconds = (performance.now() - start) / 1000;
  await rm(out, { recursive: true });
  return { seconds, events: size, memory: most.memory, cpu: most.cpu / size };
}

const started = new Started();
try {
  const system = await openSystem(started, [], say);
  const logs: Log[] = [];
  for (const size of sizes) {
    say(`Writing ${size} events …`);
    const log = await fill(system, size);
    await seal(system, log);
    logs.push(log);
  }
  await system.sql.query('vacuum analyze event');
  await system.sql.query('vacuum analyze audit_entry');
  const rows = [
    '| what | events | /s | of the floor | CPU, µs an event | MB at most |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const log of logs) {
    const floor = await readOnly(system, log);
    const floorRate = floor.events / floor.seconds;
    const add = (what: string, { seconds, events: count, memory, cpu }: Measured) => {
      const rate = count / seconds;
      const cells = [
        what,
        log.size.toLocaleString('en'),
        Math.round(rate).toLocaleString('en'),
        (rate / floorRate).toFixed(2),
        cpu?.toFixed(0) ?? '–',
        memory?.toFixed(0) ?? '–',
      ];
      rows.push(`| ${cells.join(' | ')} |`);
      say(rows.at(-1) ?? '');
    };
    add('*floor*: the same rows, read', floor);
    for (const format of exportFormats) add(`API, ${format}`, await byApi(system, log, format));
    for (const format of [...exportFormats, 'tiles']) add(`command, ${format}`, await byCommand(system, log, format));
    add('API, csv, *small heap*', await byApi(system, log, 'csv', smallHeap));
    add('command, csv, *small heap*', await byCommand(system, log, 'csv', smallHeap));
  }
  process.stdout.write(`${rows.join('\n')}\n`);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).stack}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
