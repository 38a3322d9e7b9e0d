import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import { createApiKey, createTenant, Database, migrate, scopes } from '#persistence';
import { generateKeyFile } from '#runtime';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import {
  runningServerUrl,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../apps/standalone/src/embedded-postgres/start.js';
import { canMount, mountDisk, unmountDisk } from '../../support/small-disk.js';
import { runProgram, startSystem, type Program, type System } from '../../support/system.js';

// A database is made on each disk, and a full one is believed to be full for a while.
jest.setTimeout(240_000);

const canFill = canMount();

let disk: string;
const ballast = () => join(disk, 'ballast');

async function fill(): Promise<void> {
  const file = await open(ballast(), 'a');
  const block = Buffer.alloc(65_536, 1);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    await file.close();
  }
}
const makeRoom = () => rm(ballast());

/** Has PostgreSQL begin one file of its log of changes after the other, until there is no room for the next: it ends then. */
async function overflowLog(url: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (;;) await client.query(`select pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()`);
    } catch {
      await Promise.race([ended, sleep(100)]);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

type Call = System['call'];

/** Makes accounts, and knows which of them were confirmed. */
class Writer {
  readonly confirmed: string[] = [];
  private count = 0;

  constructor(private readonly call: () => Call) {}

  async write() {
    const id = `account-${(this.count += 1)}`;
    const answer = await this.call()('PUT', `/v1/accounts/${id}`, { name: 'x'.repeat(100) });
    if (answer.status === 200) this.confirmed.push(id);
    return answer;
  }

  async until(status: number) {
    for (;;) {
      const answer = await this.write();
      if (answer.status === status) return answer;
      if (status === 200) await sleep(100);
    }
  }

  async lost(): Promise<string[]> {
    const lost: string[] = [];
    for (const id of this.confirmed) if ((await this.call()('GET', `/v1/accounts/${id}`)).status !== 200) lost.push(id);
    return lost;
  }
}

const noRoom = {
  status: 503,
  body: expect.objectContaining({
    code: 'unavailable',
    detail: expect.stringMatching(/disk is full\. Nothing was changed/),
  }),
};

(canFill ? describe : describe.skip)('a disk that is full', () => {
  let server: EmbeddedPostgres | undefined;
  const programs: Program[] = [];
  beforeEach(() => {
    const mounted = mountDisk(200);
    if ('refusal' in mounted) throw new Error(mounted.refusal);
    disk = mounted.path;
  });
  afterEach(async () => {
    for (const { process: child, ended } of programs.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
    await server?.stop();
    server = undefined;
    unmountDisk(disk);
  });

  const startServer = (port: number) =>
    startEmbeddedPostgres({ dataDir: join(disk, 'database'), durable: true, port, settings: { max_connections: 40 } });

  /** A gateway by itself. */
  async function startGateway(url: string): Promise<{ call: Call; ready: () => Promise<Response>; program: Program }> {
    await migrate(url);
    await migrateQueues(url);
    const database = Database.open({ url, poolSize: 1, onError: () => undefined });
    const { tenantId } = await createTenant(database, { name: 'Test' });
    const { key = '' } = (await createApiKey(database, { tenantId, name: 'test', scopes })) ?? {};
    await database.close();
    const settings = { DATABASE_URL: url, SALLYPORT_KEYS: generateKeyFile(), PORT: '0', SHUTDOWN_DELAY_SECONDS: '0' };
    const program = runProgram('gateway/main', [], settings);
    programs.push(program);
    const line = await new Promise<string>((done, fail) => {
      program.process.stdout?.on('data', () => {
        const found = program.output.stdout.split('\n').find((each) => each.includes('"msg":"ready"'));
        if (found) done(found);
      });
      void program.ended.then(() => fail(new Error(program.output.stderr)));
    });
    const { url: at, metricsUrl } = JSON.parse(line) as { url: string; metricsUrl: string };
    const call: Call = async (method, path, body) => {
      const headers = {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const response = await fetch(`${at}${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    return { call, ready: () => fetch(new URL('/readyz', metricsUrl)), program };
  }

  test('is told by a gateway, which goes on reading, loses nothing and heals by itself', async () => {
    const port = await freePort();
    server = await startServer(port);
    const { call, ready, program } = await startGateway(server.url);
    const writer = new Writer(() => call);
    await writer.write();

    await fill();
    const refused = await writer.until(503);
    expect(refused).toMatchObject(noRoom);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    for (let round = 0; round < 30; round += 1) {
      await writer.write();
      const [list, one] = [await call('GET', '/v1/accounts'), await call('GET', '/v1/accounts/account-1')];
      expect([list.status, one.status]).toEqual([200, 200]);
    }
    const told = await ready();
    expect([told.status, await told.json()]).toMatchObject([
      503,
      {
        checks: { database: true, disk: false },
        reasons: expect.arrayContaining([expect.stringContaining('disk is full')]),
      },
    ]);
    await makeRoom();
    expect(await writer.write()).toMatchObject({ status: 200 });

    // Without room for its log of changes PostgreSQL itself ends, and its operator starts it again.
    await fill();
    const { ended, url } = server;
    const down = overflowLog(url, ended);
    expect((await writer.until(503)).headers.get('content-type')).toContain('application/problem+json');
    await down;
    expect(await writer.write()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await makeRoom();
    server = await startServer(port);
    await writer.until(200);
    expect(await writer.lost()).toEqual([]);
    while ((await ready()).status !== 200) await sleep(500);

    expect(program.output.stdout).not.toMatch(/\\n {4}at /);
    expect(program.output.stderr).not.toMatch(/gateway: |Warning/);
  });

  test('ends "npm start" with words where PostgreSQL ends, and what was confirmed is there again', async () => {
    const dataDir = join(disk, 'data');
    const database = join(dataDir, 'database');
    const full = `the disk of ${database} is full. Make room, then start again; what was confirmed is kept.\n`;
    let system = await startSystem(dataDir);
    programs.push(system);
    const writer = new Writer(() => system.call);
    await writer.write();
    await fill();
    expect(await writer.until(503)).toMatchObject(noRoom);
    const { body } = await system.call('GET', '/readyz');
    expect(body.checks).toMatchObject({ database: true, disk: false });

    await overflowLog((await runningServerUrl(database)) ?? '', system.ended);
    expect(await system.ended).toBe(1);
    const told = system.output.stderr.split('Ctrl-C stops it.\n\n')[1];
    expect(told).toBe(`sallyport: the embedded PostgreSQL has ended by itself: ${full}Stopped.\n`);

    const again = runProgram('standalone/main', [], {
      PORT: '0',
      PANEL_PORT: '0',
      INBOX_PORT: '0',
      SALLYPORT_DATA_DIR: dataDir,
    });
    expect(await again.ended).toBe(1);
    expect(again.output.stderr).toBe(`Starting PostgreSQL …\nsallyport: The embedded PostgreSQL cannot start: ${full}`);

    await makeRoom();
    system = await startSystem(dataDir);
    programs.push(system);
    expect(await writer.write()).toMatchObject({ status: 200 });
    expect(await writer.lost()).toEqual([]);
  });
});
