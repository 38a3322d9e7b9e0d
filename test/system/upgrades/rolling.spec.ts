import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import { migrate } from '#persistence';
import { generateKeyFile } from '#runtime';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import { createEmptyDatabase, type EmptyDatabase } from '../../support/database.js';
import { totp } from '../../support/gateway-harness.js';
import { nextRelease } from '../../support/next-release.js';
import { startReceiver, type Receiver } from '../../support/webhook-receiver.js';

const root = join(import.meta.dirname, '../../..');
const { commit, migrations } = JSON.parse(readFileSync(join(import.meta.dirname, 'previous-release.json'), 'utf8')) as {
  readonly commit: string;
  readonly migrations: readonly string[];
};
const isHere = spawnSync('git', ['cat-file', '-e', commit], { cwd: root }).status === 0;
if (!isHere)
  process.stderr.write(
    `The release before (${commit}) is not in this clone: its gateway is not run beside this one.\n`,
  );

const people = 12;

/** Those that seal the log and tell webhooks of it. */
const workers = ['relay', 'audit-worker', 'webhook-worker'] as const;

interface Person {
  readonly path: string;
  readonly accountId: string;
  readonly userId: string;
  readonly recoveryCodes: string[];
}

(isHere ? describe : describe.skip)('a gateway of the release before, beside one of this', () => {
  const ends: (() => unknown)[] = [];
  const apiKey = `sp_${randomBytes(32).toString('base64url')}`;
  let store: EmptyDatabase;
  let settings: Record<string, string>;
  let older: string;
  let receiver: Receiver;
  /** Calls that were not answered as they should, on either side. */
  const wrong: string[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-before-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const archive = spawnSync('git', ['archive', commit], { cwd: root, maxBuffer: 1 << 28 });
    expect(spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout }).status).toBe(0);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    // As `npm run build` does. That its types are right was seen when it was released.
    const compiler = ['node_modules/typescript/bin/tsc', '--noCheck', '-p', 'tsconfig.build.json'];
    const built = spawnSync(process.execPath, compiler, { cwd: folder });
    expect({ status: built.status, words: String(built.stdout) }).toMatchObject({ status: 0 });

    store = await createEmptyDatabase();
    ends.push(() => store.close());
    expect(await migrate(store.url)).toEqual(migrations);
    await migrateQueues(store.url);
    const keys = join(folder, 'keys.json');
    await writeFile(keys, generateKeyFile(), { mode: 0o600 });
    settings = {
      DATABASE_URL: store.url,
      SALLYPORT_KEYS: keys,
      SHUTDOWN_DELAY_SECONDS: '0',
      WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32',
      AUDIT_ORIGIN: 'sallyport.test/rolling',
      AUDIT_STATE_DIR: join(folder, 'audit'),
    };
    receiver = await startReceiver();
    ends.push(() => receiver.close());
    await addTenant();
    older = await startGateway(folder);
    await Promise.all(workers.map((app) => startApp(folder, app)));
    await call(older, 'POST', '/v1/webhooks', { url: receiver.url, types: ['challenge.approved'] });
  }, 600_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** As the release before would have; that has no way in but its own programs. */
  async function addTenant(): Promise<void> {
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    await client.query(`insert into tenant (id, name) values ('tnt_rolling', 'Rolling')`);
    await client.query(
      `insert into api_key (id, tenant_id, name, scopes, hash)
       values ('key_rolling', 'tnt_rolling', 'test', '{accounts,devices,challenges,admin}', $1)`,
      [createHash('sha256').update(apiKey).digest()],
    );
    await client.end();
  }

  /** @returns its address */
  async function startGateway(folder: string): Promise<string> {
    const port = await freePort();
    await startApp(folder, 'gateway', { PORT: String(port) });
    return `http://127.0.0.1:${port}`;
  }

  async function startApp(folder: string, app: string, more: Record<string, string> = {}): Promise<void> {
    const child: ChildProcess = spawn(process.execPath, [join(folder, `dist/apps/${app}/src/main.js`)], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...settings, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((done) => child.once('close', done));
    ends.push(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    let output = '';
    await new Promise<void>((ready, fail) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          if (output.includes('"ready"')) ready();
        });
      }
      void ended.then(() => fail(new Error(`The ${app} ended: ${output}`)));
    });
  }

  async function query<Row extends object>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: store.url });
    await client.connect();
    const { rows } = await client.query<Row>(text);
    await client.end();
    return rows;
  }

  /** What was approved, by the ids of the events, once all of it is in the log and the webhook was told. */
  async function told(): Promise<{ readonly approved: string[]; readonly received: string[] }> {
    for (let waited = 0; ; waited += 200) {
      const approved = await query<{ id: string }>(
        `select id from event where type = 'challenge.approved' order by id`,
      );
      const open = await query(
        'select from event e where not exists (select from audit_entry a where a.event_id = e.id)',
      );
      const received = receiver.received.map(({ headers }) => String(headers['webhook-id']));
      if ((open.length === 0 && new Set(received).size >= approved.length) || waited > 90_000)
        return { approved: approved.map(({ id }) => id), received };
      await sleep(200);
    }
  }

  async function call(gateway: string, method: string, path: string, body: object = {}) {
    const response = await fetch(gateway + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, never>;
    if (!response.ok)
      wrong.push(`${gateway === older ? 'before' : 'now'}: ${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async function enrol(gateway: string, userId: string): Promise<Person> {
    const path = `/v1/accounts/acme/users/${userId}`;
    await call(gateway, 'PUT', '/v1/accounts/acme', {});
    await call(gateway, 'PUT', path, {});
    const device = await call(gateway, 'POST', `${path}/devices`, { method: 'totp', name: 'App' });
    if (!device['totp']) throw new Error(`Not enrolled: ${wrong.at(-1)}`);
    const { secret } = device['totp'] as { secret: string };
    const verified = await call(gateway, 'POST', `/v1/devices/${device['id']}/verify`, { code: totp(secret) });
    return { path, accountId: 'acme', userId, recoveryCodes: verified['recoveryCodes'] ?? [] };
  }

  /** A login that begins at one gateway and ends at the other, as a balancer may have it. */
  async function logIn({ accountId, userId, recoveryCodes }: Person, begins: string, ends_: string): Promise<string> {
    const decision = await call(begins, 'POST', '/v1/challenges', { accountId, userId });
    const { id } = (decision['challenge'] ?? {}) as { id?: string };
    const { status } = await call(ends_, 'POST', `/v1/challenges/${id}/verify`, { recoveryCode: recoveryCodes.pop() });
    return String(status);
  }

  test('nobody is refused while the schema changes, nor while both serve', async () => {
    const persons = await Promise.all(Array.from({ length: people }, (_, index) => enrol(older, `jane-${index}`)));
    const outcomes: string[] = [];

    // While it is migrated, the release before goes on.
    let migrated = false;
    const upgrade = migrate(store.url, nextRelease).finally(() => (migrated = true));
    for (let turn = 0; !migrated || turn < 1; turn += 1) {
      const person = persons[turn % people] as Person;
      if (person.recoveryCodes.length > 6) outcomes.push(await logIn(person, older, older));
      else await sleep(50);
    }
    expect(await upgrade).not.toEqual([]);
    await migrateQueues(store.url);

    const newer = await startGateway(root);
    await Promise.all(workers.map((app) => startApp(root, app)));
    const both = [
      [older, newer],
      [newer, older],
      [older, older],
      [newer, newer],
    ] as const;
    for (const [begins, ends_] of both) {
      outcomes.push(...(await Promise.all(persons.map((person) => logIn(person, begins, ends_)))));
    }
    // Who enrols with one is known to the other.
    const late = [await enrol(older, 'late-before'), await enrol(newer, 'late-now')];
    outcomes.push(...(await Promise.all(late.map((person) => logIn(person, older, newer)))));
    outcomes.push(...(await Promise.all(late.map((person) => logIn(person, newer, older)))));

    expect(wrong).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(4 * people);
    expect(new Set(outcomes)).toEqual(new Set(['approved']));

    // Workers of both releases have sealed the log and told the webhook together.
    const { approved, received } = await told();
    expect(approved).toHaveLength(outcomes.length);
    expect(new Set(received).size).toBe(approved.length);
    const [log] = await query<{ entries: number; last: number; events: number }>(
      `select count(*)::int as entries, max(sequence)::int as last, (select count(*)::int from event) as events
       from audit_entry where tenant_id = 'tnt_rolling'`,
    );
    expect(log).toEqual({ entries: log?.events, last: log?.events, events: expect.any(Number) });
  });
});
