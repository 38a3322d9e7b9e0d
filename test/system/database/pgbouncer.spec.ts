import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Database, grantRights, migrate, processBounds } from '#persistence';
import { migrateQueues } from '#messaging';
import { generateKeyFile } from '#runtime';
import { runProgram, temporaryDataDir } from '../../support/system.js';
import { createEmptyDatabase, type EmptyDatabase } from '../../support/database.js';
import { nextRelease } from '../../support/next-release.js';

const found = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' });
const version = /PgBouncer (\d+)\.(\d+)/.exec(found.stdout ?? '');
/** Since 1.21 it knows statements that were prepared. */
const prepares = version !== null && (Number(version[1]) > 1 || Number(version[2]) >= 21);
if (!version)
  process.stderr.write('No pgbouncer on the PATH (apt-get install pgbouncer): its tests are passed over.\n');
else if (!prepares)
  process.stderr.write(`${version[0]} is below 1.21: what statements need is tested by its refusal.\n`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

(version ? describe : describe.skip)('through PgBouncer in transaction mode', () => {
  let name: string;
  let store: EmptyDatabase;
  let server: pg.Client;
  let folder: string;
  let bouncer: ChildProcess;
  let direct: string;
  let pooled: string;

  beforeAll(async () => {
    store = await createEmptyDatabase();
    name = store.name;
    direct = store.url;
    const address = new URL(direct);
    server = new pg.Client({ connectionString: direct });
    await server.connect();
    folder = await mkdtemp(join(tmpdir(), 'sallyport-pgbouncer-'));
    await chmod(folder, 0o755);
    const port = await freePort();
    await writeFile(
      join(folder, 'pgbouncer.ini'),
      [
        '[databases]',
        `${name} = host=${address.hostname} port=${address.port} dbname=${name} user=${address.username} password=${address.password}`,
        `${name}_session = host=${address.hostname} port=${address.port} dbname=${name} user=${address.username} password=${address.password} pool_mode=session`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = any',
        'pool_mode = transaction',
        ...(prepares ? ['max_prepared_statements = 200'] : []),
      ].join('\n'),
    );
    // It refuses to run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
    bouncer = spawn('pgbouncer', [...user, join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
    pooled = `postgres://any@127.0.0.1:${port}/${name}`;
    for (let left = 100; left > 0; left -= 1) {
      const client = new pg.Client({ connectionString: pooled });
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await sleep(50);
      }
    }
    throw new Error('PgBouncer did not start.');
  });
  afterAll(async () => {
    bouncer?.kill('SIGINT');
    await server?.end();
    await store?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('"migrate" does all its work, two at once too, and leaves no lock behind', async () => {
    const [one, other] = await Promise.all([migrate(pooled, nextRelease), migrate(pooled, nextRelease)]);
    // One of them builds indexes concurrently.
    expect([...one, ...other].slice(-nextRelease.length)).toEqual(nextRelease.map(({ name }) => name));
    expect(one.length + other.length).toBe(1 + nextRelease.length);
    expect([one, other].some((ran) => ran.length === 0)).toBe(true);
    expect(await grantRights(pooled, 'redis://none')).toEqual([]);
    const locks = await server.query(
      `select l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid where a.datname = $1 and l.locktype = 'advisory'`,
      [name],
    );
    expect(locks.rows).toEqual([]);
    // Neither for those that come another way.
    expect(await migrate(direct)).toEqual([]);
  });

  (prepares ? test : test.skip)(
    'statements are prepared, over more connections than there are at the server',
    async () => {
      const database = Database.open({
        url: pooled,
        poolSize: 30,
        onError: () => undefined,
        bounds: processBounds,
      });
      try {
        await database.assertPrepares();
        for (let round = 0; round < 10; round += 1) {
          const times = await Promise.all(Array.from({ length: 60 }, () => database.now()));
          expect(times).toHaveLength(60);
        }
      } finally {
        await database.close();
      }
    },
  );

  (prepares ? test.skip : test)(
    'below 1.21 every process says in one line what is wrong, and ends',
    async () => {
      await migrate(pooled);
      await migrateQueues(direct);
      const dataDir = await temporaryDataDir();
      const settings = {
        DATABASE_URL: pooled,
        QUEUE_URL: direct,
        SALLYPORT_KEYS: generateKeyFile(),
        SALLYPORT_DATA_DIR: dataDir.path,
        AUDIT_ORIGIN: 'sallyport.test/audit',
        AUDIT_STATE_DIR: dataDir.path,
        PORT: '0',
        PANEL_PORT: '0',
        INBOX_PORT: '0',
      };
      try {
        for (const name of ['gateway', 'relay', 'lockout-worker', 'audit-worker', 'standalone']) {
          const program = runProgram(`${name}/main`, [], settings);
          expect([name, await program.ended]).toEqual([name, 1]);
          const { stdout, stderr } = program.output;
          const told = stderr.split('\n').filter((line) => /^[\w-]+: /.test(line));
          expect(told).toEqual([
            expect.stringMatching(/^[\w-]+: .*Use PgBouncer 1\.21 or later with max_prepared_statements/),
          ]);
          expect(stderr).not.toMatch(/\n {4}at |Warning/);
          expect(stdout).not.toMatch(/"level":[456]0/);
        }
      } finally {
        await dataDir.remove();
      }
    },
    120_000,
  );

  test('in its session mode any version will do', async () => {
    const session = new URL(pooled);
    session.pathname = `/${name}_session`;
    const database = Database.open({ url: session.href, poolSize: 4, onError: () => undefined });
    try {
      await database.assertPrepares();
      expect(await Promise.all(Array.from({ length: 20 }, () => database.now()))).toHaveLength(20);
    } finally {
      await database.close();
    }
  });
});
