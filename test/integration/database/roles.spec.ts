import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import {
  assertMigrated,
  createApiKey,
  createTenant,
  Database,
  declaredStatements,
  grantRights,
  migrate,
  roles,
  scopes,
  Sealer,
} from '#persistence';
import { createLogger, generateKeyFile, loadKeys, type Logger, type RunningApp } from '#runtime';
import { Readiness } from '#process';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { startGateway } from '../../../apps/gateway/src/app.js';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { startEmbeddedPostgres } from '../../../apps/standalone/src/embedded-postgres/start.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { startSmtpServer } from '../../support/smtp-server.js';
import { declaration, readSources } from '../../support/sources.js';
import type { Answer } from '../../support/system.js';
import { startVonageServer } from '../../support/vonage-server.js';
import {
  startAuditWorker,
  startEmailWorker,
  startLockoutWorker,
  startRelay,
  startSmsWorker,
} from '../../support/apps.js';
import { openQueues, type Queues } from '../../support/queues.js';

const names = Object.keys(roles);
const workers = names.filter((name) => name !== 'sallyport_gateway');
const history = ['event', 'audit_entry', 'audit_checkpoint', 'audit_cosignature'];

let store: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  store = await createTestDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await store.close();
});

/** Runs SQL as a role, and takes it back. @returns the SQLSTATE of the refusal, or null */
async function stateAs(role: string, sql: string): Promise<string | null> {
  await admin.query('begin');
  try {
    await admin.query(`set local role ${role}`);
    await admin.query(sql);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'none';
  } finally {
    await admin.query('rollback');
  }
}

const refused = '42501'; // insufficient_privilege

async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 40_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}

const sixDigits = (text: string | undefined) => /\d{6}/.exec(text ?? '')?.[0] ?? '';

describe('each process under a login that is a member of its role', () => {
  const logged: string[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  const password = randomBytes(12).toString('hex');
  const suffix = randomBytes(4).toString('hex');
  const members = names.map((role) => ({ role, login: `${role}_${suffix}` }));

  beforeAll(async () => {
    for (const { role, login } of members) {
      await admin.query(`create role ${login} login password '${password}' in role ${role}`);
    }
  });
  afterAll(async () => {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
    for (const { login } of members) await admin.query(`drop role ${login}`);
  });

  interface Opened {
    readonly database: Database;
    readonly queues: Queues;
    readonly logger: Logger;
  }

  /** What the `main.ts` of a process opens. */
  async function open(role: string): Promise<Opened> {
    const url = new URL(store.url);
    url.username = `${role}_${suffix}`;
    url.password = password;
    const logger = createLogger(role, { write: (line: string) => void logged.push(line) });
    const database = Database.open({ url: url.href, poolSize: 5, onError: () => undefined });
    ends.push(() => database.close());
    await assertMigrated(database);
    const queues = await openQueues(url.href, logger);
    ends.push(() => queues.close());
    return { database, queues, logger };
  }

  const run = async (app: Promise<RunningApp>) => {
    const { stop } = await app;
    ends.push(stop);
  };

  test('the way of a user, from enrolment to erasure, meets no lack of rights', async () => {
    const keys = loadKeys(['sealing', 'pepper', 'proof', 'checkpoint'], { SALLYPORT_KEYS: generateKeyFile() });
    const sealer = new Sealer(keys.sealing);
    const vonage = await startVonageServer();
    ends.push(() => vonage.close());
    const smtp = await startSmtpServer();
    ends.push(() => smtp.close());
    const sms = vonageChannel({ ...vonage.credentials, from: 'Acme', host: vonage.host });
    const mail = smtpChannel({ url: smtp.url, from: 'Panel <2fa@panel.example>' });
    ends.push(async () => mail.close());

    const relay = await open('sallyport_relay');
    await run(startRelay(relay));
    await run(startSmsWorker({ ...(await open('sallyport_sms_worker')), sealer, channel: sms }));
    await run(startEmailWorker({ ...(await open('sallyport_email_worker')), sealer, channel: mail }));
    await run(startLockoutWorker({ ...(await open('sallyport_lockout_worker')), sealer }));
    const state = await auditState();
    ends.push(() => state.remove());
    const audit = { checkpointKey: keys.checkpoint, stateDir: state.path };
    await run(startAuditWorker({ ...(await open('sallyport_audit_worker')), ...audit }));
    const { queues, ...parts } = await open('sallyport_gateway');
    const readiness = new Readiness({ database: parts.database, store: queues, needsQueue: false });
    const gateway = await startGateway({ ...parts, readiness, keys, host: '127.0.0.1', port: 0 });
    ends.push(() => gateway.stop());

    // Tenants and their first keys are made by the owner: `npm run admin`.
    const { tenantId } = await createTenant(store.database, { name: 'Panel' });
    const apiKey = (await createApiKey(store.database, { tenantId, name: 'test', scopes }))?.key ?? '';
    const call = async (
      status: number,
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<Answer['body']> => {
      const response = await fetch(`${gateway.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      expect({ call: `${method} ${path}`, status: response.status, text }).toMatchObject({ status });
      return text === '' ? undefined : JSON.parse(text);
    };

    // Accounts, users, policy, keys.
    expect(await call(200, 'GET', '/readyz')).toMatchObject({ checks: { database: true, queue: true, clock: true } });
    const account = '/v1/accounts/acme';
    const path = `${account}/users/jane`;
    const person = { displayName: 'Jane', email: 'jane@example.com', phone: '+31612345678' };
    for (const name of ['Acme', 'Acme Ltd']) await call(200, 'PUT', account, { name });
    for (const locale of ['en', 'nl']) await call(200, 'PUT', path, { ...person, locale });
    for (const at of [account, '/v1/accounts', path, `${account}/users`]) await call(200, 'GET', at);
    await call(200, 'PUT', '/v1/policy', { supportContact: 'help@panel.example' });
    await call(200, 'PUT', `${account}/policy`, { sms: { brand: 'Acme' } });
    for (const at of ['/v1/policy', `${account}/policy`]) await call(200, 'GET', at);
    await call(200, 'DELETE', `${account}/policy`);
    const spare = await call(201, 'POST', '/v1/api-keys', { name: 'spare', scopes: ['audit'] });
    await call(200, 'GET', '/v1/api-keys');
    await call(204, 'DELETE', `/v1/api-keys/${spare.id}`);

    // An app, with recovery codes; the second call gets the stored answer.
    const once = { 'idempotency-key': 'enrol-1' };
    const enrol = () => call(201, 'POST', `${path}/devices`, { method: 'totp', name: 'App' }, once);
    const app = await enrol();
    expect((await enrol()).totp.secret).toBe(app.totp.secret);
    const { recoveryCodes } = await call(200, 'POST', `/v1/devices/${app.id}/verify`, {
      code: totp(app.totp.secret),
    });
    await call(200, 'GET', `${path}/recovery-codes`);
    await call(200, 'POST', `${path}/recovery-codes/acknowledge`, {});

    const challenge = async (more: object = {}) => {
      const body = { accountId: 'acme', userId: 'jane', purpose: 'login', context: { ip: '203.0.113.7' }, ...more };
      return (await call(201, 'POST', '/v1/challenges', body)).challenge.id as string;
    };
    const proof = async (purpose: string) => {
      await admin.query('update device set last_used_step = null');
      const body = { deviceId: app.id, code: totp(app.totp.secret) };
      const approved = await call(200, 'POST', `/v1/challenges/${await challenge({ purpose })}/verify`, body);
      return { 'sallyport-proof': approved.proof as string };
    };

    // A phone and a mailbox, each by the code that arrives.
    const texts = () => vonage.messages.length;
    const phone = await call(
      201,
      'POST',
      `${path}/devices`,
      { method: 'sms', name: 'Phone' },
      await proof('add_device'),
    );
    await until('the SMS arrives', () => texts() === 1);
    await call(200, 'POST', `/v1/devices/${phone.id}/verify`, { code: sixDigits(vonage.messages[0]?.text) });
    const box = { method: 'email', name: 'Mail', email: 'box@example.com' };
    const mailbox = await call(201, 'POST', `${path}/devices`, box, await proof('add_device'));
    await admin.query(`update code set last_sent_at = last_sent_at - interval '1 hour'`);
    await call(202, 'POST', `/v1/devices/${mailbox.id}/codes`, {});
    const boxed = () => smtp.mails.filter(({ envelope }) => envelope.to.includes(box.email));
    await until('both mails arrive', () => boxed().length === 2);
    await call(200, 'POST', `/v1/devices/${mailbox.id}/verify`, { code: sixDigits(boxed()[1]?.text) });
    for (const at of [`${path}/devices`, `/v1/devices/${phone.id}`]) await call(200, 'GET', at);

    // Login by SMS, asked for after; by recovery code; one that is called off.
    const login = await challenge();
    await call(202, 'POST', `/v1/challenges/${login}/codes`, { deviceId: phone.id });
    await until('the login code arrives', () => texts() === 2);
    await call(200, 'POST', `/v1/challenges/${login}/verify`, {
      deviceId: phone.id,
      code: sixDigits(vonage.messages[1]?.text),
    });
    await call(200, 'GET', `/v1/challenges/${login}`);
    await call(200, 'POST', `/v1/challenges/${await challenge({ deviceId: mailbox.id })}/cancel`, {});
    await call(200, 'POST', `/v1/challenges/${await challenge()}/verify`, { recoveryCode: recoveryCodes[0] });
    await call(422, 'POST', `/v1/challenges/${await challenge()}/verify`, { recoveryCode: recoveryCodes[0] });
    await call(201, 'POST', `${path}/recovery-codes`, {}, await proof('regenerate_recovery_codes'));

    // Wrong codes until the app locks: told by mail, lifted, locked again, ended by time.
    const wrong = { deviceId: app.id, code: wrongTotp(app.totp.secret) };
    const guessUntilLocked = async () => {
      const id = await challenge();
      for (let guess = 0; guess < 5; guess += 1) await call(422, 'POST', `/v1/challenges/${id}/verify`, wrong);
      await call(429, 'POST', `/v1/challenges/${await challenge()}/verify`, wrong);
    };
    const lockMails = () => smtp.mails.filter(({ subject }) => subject.includes('te veel verkeerde codes')).length;
    const before = lockMails();
    await guessUntilLocked();
    await until('the owner is told of the lock', () => lockMails() === before + 1);
    expect((await call(200, 'GET', `${path}/lockouts`)).data).toHaveLength(1);
    await call(204, 'DELETE', `${path}/lockouts`);
    await guessUntilLocked();
    await admin.query(`update lockout set locked_until = now() where ended_at is null`);
    await until('the lock is ended by time', async () => {
      const found = await admin.query(`select from lockout where end_reason = 'elapsed'`);
      return found.rowCount === 1;
    });

    // Devices renamed, preferred, removed.
    await call(200, 'PATCH', `/v1/devices/${mailbox.id}`, { name: 'Mailbox', isDefault: true });
    await admin.query(
      'update device set locked_until = null, wrong_codes = 0, known_locked_until = null, known_wrong_codes = 0',
    );
    await call(204, 'DELETE', `/v1/devices/${mailbox.id}`, undefined, await proof('remove_device'));
    const deliveries = (await call(200, 'GET', '/v1/deliveries')).data as { id: string }[];
    await call(200, 'GET', `/v1/deliveries/${deliveries[0]?.id}`);

    // What time makes due: as if days had gone by.
    const stale = await challenge({ deviceId: phone.id });
    await admin.query(`update challenge set expires_at = now() - interval '1 second' where id = $1`, [stale]);
    await admin.query(
      `with d as (
         insert into delivery (id, tenant_id, user_id, device_id, channel, kind, expires_at)
         select 'dlv_stale', tenant_id, user_id, id, 'sms', 'code', now() from device where id = $1
       )
       insert into outbox (id, job, payload, published_at, publications)
       values ('evt_stale', 'deliver-sms', '{"deliveryId": "dlv_stale"}', now() - interval '1 hour', 1),
         ('evt_lost', 'examine-rejection', '{"eventId": "evt_lost"}', now() - interval '1 hour', 1)`,
      [phone.id],
    );
    await admin.query(`insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at)
      select 'dev_stale', tenant_id, user_id, 'totp', 'Old', 'unverified', now() - interval '2 days' from device limit 1`);
    await admin.query(`update idempotent_answer set expires_at = now()`);
    await admin.query(`update used_proof set expires_at = now()`);
    await admin.query(`update code set expires_at = now() - interval '2 days'`);
    // Again while the running relay holds some of the rows: each skips what the other has.
    await until('what is over is gone', async () => {
      // What is told of the device that went may be counted only now.
      await admin.query(
        `update send_window set starts_at = starts_at - interval '5 days' where starts_at > now() - interval '3 days'`,
      );
      await reconcile(relay.database);
      await purgeExpired(relay.database);
      const left = await admin.query(
        `select (select count(*) from idempotent_answer) + (select count(*) from used_proof) + (select count(*) from code)
           + (select count(*) from send_window) + (select count(*) from device where id = 'dev_stale')
           + (select count(*) from delivery where id = 'dlv_stale' and status <> 'expired')
           + (select count(*) from outbox where id = 'evt_stale')
           + (select count(*) from challenge where id = $1 and status <> 'expired') = 0 as gone`,
        [stale],
      );
      return left.rows[0].gone as boolean;
    });

    // The end: erased, sealed, signed, and read.
    await call(204, 'DELETE', path);
    await until('all is sealed and signed', async () => {
      const found = await admin.query(
        `select not exists (select from event e where not exists (select from audit_entry a where a.event_id = e.id))
           and exists (select from audit_checkpoint) as done`,
      );
      return found.rows[0].done as boolean;
    });
    const { data } = await call(200, 'GET', '/v1/audit/events?limit=500');
    const types = (data as { type: string }[]).map(({ type }) => type.replace('com.sallyport.', ''));
    expect(types).toEqual(
      expect.arrayContaining([
        'code.sent',
        'code.expired',
        'challenge.expired',
        'lockout.started',
        'lockout.ended',
        'user.erased',
      ]),
    );
    await call(200, 'GET', `/v1/audit/events?after=${data[0].id}`);
    for (let end = ends.pop(); end; end = ends.pop()) await end();

    const faults = logged.filter((line) => /"fault":"42501"|permission denied/.test(line));
    expect(faults).toEqual([]);
    // These logs would have told: they hold what the processes did.
    expect(logged.some((line) => line.includes('delivery attempted'))).toBe(true);
  });
});

describe('what a role may', () => {
  /** Which processes run a statement: by the file that declares it. */
  function rolesOf(path: string): readonly string[] {
    const app = /^apps\/([a-z-]+)\//.exec(path)?.[1];
    if (app === 'standalone') return [];
    if (app !== undefined) return [`sallyport_${app.replaceAll('-', '_')}`];
    if (path.startsWith('libs/delivery/')) return ['sallyport_sms_worker', 'sallyport_email_worker'];
    return path.endsWith('/api-keys.sql.ts') ? ['sallyport_gateway'] : names;
  }

  /** Statements that processes share, but not all of them. */
  const runBy: Readonly<Record<string, readonly string[]>> = {
    'read-known-keys': names.filter((name) => name !== 'sallyport_relay'),
    'note-known-keys': ['sallyport_gateway', 'sallyport_audit_worker'],
    'read-sealing-key-in-use': ['sallyport_gateway'],
    'read-audit-hashes': ['sallyport_gateway', 'sallyport_audit_worker'],
    'age-of-unpublished-job': ['sallyport_gateway', 'sallyport_relay'],
    'read-queue-store': names.filter((name) => name !== 'sallyport_audit_worker'),
  };
  /** From the shell, by the owner. */
  const ofTheOwner = ['create-tenant', 'replace-known-keys', 'forget-known-keys'];

  test('is enough for every statement of its process', async () => {
    // A name may end in a part that is filled in.
    const declarations = readSources().flatMap(({ path, text }) =>
      [...text.matchAll(declaration)].map(([, name, start]) => ({
        path,
        matches: (other: string) => (name === undefined ? other.startsWith(start ?? ' ') : other === name),
      })),
    );
    const checked = new Set<string>();
    const lacking: string[] = [];
    for (const { name, text } of declaredStatements.values()) {
      const owners =
        runBy[name] ?? declarations.filter(({ matches }) => matches(name)).flatMap(({ path }) => rolesOf(path));
      if (ofTheOwner.includes(name)) continue;
      for (const role of owners) {
        checked.add(role);
        // Rights are looked at before anything is done, so a plan without values tells.
        const state = await stateAs(role, `explain (generic_plan) ${text}`);
        if (state !== null) lacking.push(`${role} ${name}: ${state}`);
      }
      if (owners.length === 0 && !/^test[.-]/.test(name)) lacking.push(`${name}: of no process`);
    }
    expect(lacking).toEqual([]);
    expect([...checked].toSorted()).toEqual(names.toSorted());
  });

  test('is what the catalogue lists, and nothing else', async () => {
    const found = await admin.query<{ line: string }>(
      `with role as (select oid, rolname from pg_roles where rolname = any ($1)),
       granted as (
         select x.grantee, c.relnamespace::regnamespace || '.' || c.relname || ' ' || lower(x.privilege_type) as line
         from pg_class c, aclexplode(c.relacl) x
         union all
         select x.grantee, c.relnamespace::regnamespace || '.' || c.relname || '.' || a.attname || ' ' || lower(x.privilege_type)
         from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) x
         union all
         select x.grantee, 'schema ' || n.nspname || ' ' || lower(x.privilege_type) from pg_namespace n, aclexplode(n.nspacl) x
         union all
         select x.grantee, 'function ' || f.proname from pg_proc f, aclexplode(f.proacl) x
         union all
         select x.grantee, 'database ' || d.datname from pg_database d, aclexplode(d.datacl) x
         union all
         select x.grantee, 'default' from pg_default_acl d, aclexplode(d.defaclacl) x
       )
       select r.rolname || ' ' || g.line as line from granted g join role r on r.oid = g.grantee
       union all
       select r.rolname || ' owns ' || c.relname from pg_class c join role r on r.oid = c.relowner
       union all
       select r.rolname || ' is in ' || m.roleid::regrole from pg_auth_members m join role r on r.oid = m.member
       union all
       select rolname || ' has an attribute' from pg_roles
       where rolname = any ($1)
         and (rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication or rolbypassrls)`,
      [names],
    );
    const queueObjects = await admin.query<{ name: string; kind: string }>(
      `select relname as name, relkind as kind from pg_class
       where relnamespace = 'sallyport_queue'::regnamespace and relkind in ('r', 'p', 'v', 'S')`,
    );
    expect(queueObjects.rows.length).toBeGreaterThan(3);
    const wanted = names.flatMap((role) => {
      const tables = roles[role]?.tables ?? {};
      const ofTables = Object.entries(tables).flatMap(([table, rights]) =>
        Object.entries(rights).flatMap(([right, columns]) =>
          columns === true || columns === '*'
            ? [`${role} public.${table} ${right}`]
            : (columns as string).split(', ').map((column) => `${role} public.${table}.${column} ${right}`),
        ),
      );
      const ofQueues = queueObjects.rows.flatMap(({ name, kind }) =>
        (kind === 'S' ? ['usage'] : ['select', 'insert', 'update', 'delete']).map(
          (right) => `${role} sallyport_queue.${name} ${right}`,
        ),
      );
      return [`${role} schema public usage`, ...ofTables, `${role} schema sallyport_queue usage`, ...ofQueues];
    });
    const plain = (line: string) => line.replaceAll('"', '');
    expect(found.rows.map(({ line }) => plain(line)).toSorted()).toEqual(wanted.map(plain).toSorted());
  });

  test('never comes to a change of history', async () => {
    const first = {
      event: 'data',
      audit_entry: 'leaf_hash',
      audit_checkpoint: 'note',
      audit_cosignature: 'signature_lines',
    } as Record<string, string>;
    const open: string[] = [];
    for (const role of names) {
      for (const table of history) {
        const changes = [
          `update ${table} set ${first[table]} = ${first[table]}`,
          `delete from ${table}`,
          `truncate ${table}`,
          `alter table ${table} disable trigger all`,
          `drop trigger append_only on ${table}`,
        ];
        for (const sql of changes) {
          const state = await stateAs(role, sql);
          if (state !== refused) open.push(`${role}: ${sql}: ${state}`);
        }
      }
      const columns = `insert into event (id, tenant_id, type, data`;
      for (const sql of [
        `${columns}, time) values ('evt_past', 'tnt_1', 'user.erased', '{}', now() - interval '1 year')`,
        `${columns}, tx) values ('evt_past', 'tnt_1', 'user.erased', '{}', '0')`,
        `set session_replication_role = replica`,
      ]) {
        const state = await stateAs(role, sql);
        if (state !== refused) open.push(`${role}: ${sql}: ${state}`);
      }
    }
    expect(open).toEqual([]);
  });

  test("never comes to a worker's look at seeds, recovery codes, event keys, key hashes or stored answers", async () => {
    const secrets = [
      'select secret_sealed from device',
      'select * from device',
      'select event_key_sealed from app_user',
      'select * from app_user',
      'select mac from recovery_code',
      'select 1 from recovery_code',
      'select hash from api_key',
      'select answer_sealed from idempotent_answer',
      'select * from idempotent_answer',
      'update device set secret_sealed = null',
      'update api_key set hash = null',
    ];
    for (const role of workers) {
      for (const sql of secrets) {
        expect({ role, sql, state: await stateAs(role, sql) }).toEqual({ role, sql, state: refused });
      }
    }
    for (const sql of secrets.slice(0, 9)) expect(await stateAs('sallyport_gateway', sql)).toBeNull();
    expect(await stateAs('sallyport_gateway', 'update device set secret_sealed = null')).toBe(refused);
  });

  test('never comes to a table, a schema or a role of its own', async () => {
    for (const role of names) {
      for (const sql of [
        'create table own (id int)',
        'create table sallyport_queue.own (id int)',
        'create schema own',
        'create role own',
        'alter table device add column own int',
      ]) {
        expect({ role, sql, state: await stateAs(role, sql) }).toEqual({ role, sql, state: refused });
      }
    }
  });

  test('what was granted by hand is taken away by the next migration', async () => {
    const sql = 'update event set data = data';
    await admin.query('grant update, truncate on event to sallyport_gateway');
    await admin.query('grant select (secret_sealed) on device to sallyport_sms_worker');
    await admin.query('grant truncate on sallyport_queue.job to sallyport_audit_worker');
    expect(await stateAs('sallyport_sms_worker', 'select secret_sealed from device')).toBeNull();
    expect(await grantRights(store.url, store.url)).toEqual([]);
    expect(await stateAs('sallyport_gateway', sql)).toBe(refused);
    expect(await stateAs('sallyport_gateway', 'truncate event')).toBe(refused);
    expect(await stateAs('sallyport_sms_worker', 'select secret_sealed from device')).toBe(refused);
    expect(await stateAs('sallyport_audit_worker', 'truncate sallyport_queue.job')).toBe(refused);
  });
});

test('the sessions of each role are bounded, and no kind of process gets all connections', async () => {
  const found = await admin.query<{ role: string; settings: string[]; connections: number; most: number }>(
    `select r.rolname as role, s.setconfig as settings, r.rolconnlimit as connections,
       current_setting('max_connections')::int as most
     from pg_roles r left join pg_db_role_setting s on s.setrole = r.oid
       and s.setdatabase = (select oid from pg_database where datname = $2)
     where r.rolname = any ($1) order by r.rolname`,
    [names, process.env['SALLYPORT_TEST_TEMPLATE'] ?? 'sallyport_template'],
  );
  expect(found.rows.map(({ role }) => role)).toEqual(names.toSorted());
  for (const { settings, connections, most } of found.rows) {
    expect(settings).toEqual(
      expect.arrayContaining([
        'lock_timeout=2000',
        'idle_in_transaction_session_timeout=5000',
        'statement_timeout=30000',
        'tcp_keepalives_idle=10',
      ]),
    );
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThan(most);
  }
  // What an operator has chosen stays.
  await admin.query('alter role sallyport_relay connection limit 7');
  await grantRights(store.url, store.url);
  const relay = await admin.query(`select rolconnlimit from pg_roles where rolname = 'sallyport_relay'`);
  await admin.query('alter role sallyport_relay connection limit -1');
  await grantRights(store.url, store.url);
  expect(relay.rows).toEqual([{ rolconnlimit: 7 }]);
});

test.each(history)('the owner too is refused a change of %s, in words', async (table) => {
  const columns = await admin.query<{ name: string }>(
    `select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 limit 1`,
    [table],
  );
  const column = columns.rows[0]?.name ?? '';
  for (const [operation, sql] of [
    ['UPDATE', `update ${table} set ${column} = ${column}`],
    ['DELETE', `delete from ${table}`],
    ['TRUNCATE', `truncate ${table}`],
  ] as const) {
    await expect(admin.query(sql)).rejects.toThrow(`The table "${table}" is append-only: ${operation} is refused.`);
  }
});

describe('on a cluster of its own', () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let cluster: pg.Client;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-roles-'));
    await chmod(folder, 0o711);
    server = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), durable: false });
    cluster = new pg.Client({ connectionString: server.url });
    await cluster.connect();
  });
  afterAll(async () => {
    await cluster.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (database: string, user?: string) => {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    if (user !== undefined) [url.username, url.password] = [user, 'owner'];
    return url.href;
  };
  const bring = async (url: string) => {
    await migrate(url);
    await migrateQueues(url);
    return grantRights(url, url);
  };

  test('an owner who may not create roles is told how, and migrates all the same', async () => {
    await cluster.query(`create role plain_owner login password 'owner'`);
    await cluster.query('create database plain owner plain_owner');
    const url = at('plain', 'plain_owner');
    const notes = await bring(url);
    expect(notes).toHaveLength(1);
    expect(notes[0]).not.toContain('\n');
    const database = Database.open({ url, poolSize: 1, onError: () => undefined });
    await assertMigrated(database);
    await database.close();

    const advice = notes[0]?.match(/create role \w+ nologin;/g) ?? [];
    expect(advice).toHaveLength(names.length);
    for (const sql of advice) await cluster.query(sql);
    expect(await bring(url)).toEqual([]);
    await cluster.query(`alter role sallyport_audit_worker login password 'owner'`);
    const worker = Database.open({
      url: at('plain', 'sallyport_audit_worker'),
      poolSize: 1,
      onError: () => undefined,
    });
    await assertMigrated(worker);
    await worker.close();

    // A user without rights is told what to do, and one who does not own the tables.
    await cluster.query(`create role stranger login password 'owner'`);
    const stranger = Database.open({ url: at('plain', 'stranger'), poolSize: 1, onError: () => undefined });
    await expect(assertMigrated(stranger)).rejects.toThrow('has no rights on the tables');
    await stranger.close();
    const told = await grantRights(at('plain', 'stranger'), at('plain', 'stranger'));
    expect(told.join()).toContain('as the owner of the tables');

    await cluster.query('drop database plain');
    for (const role of [...names, 'plain_owner', 'stranger']) await cluster.query(`drop role ${role}`);
  });

  test.each([
    ['a role that another database is creating', `create role sallyport_gateway`],
    ['a right that someone is granting', 'grant update on event to sallyport_gateway'],
  ])('%s at the same time is no fault', async (_, sql) => {
    await cluster.query('create database crossed');
    const url = at('crossed');
    await migrate(url);
    await migrateQueues(url);
    if (sql.startsWith('grant')) await grantRights(url, url);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('begin');
    await other.query(sql);
    const granting = grantRights(url, url);
    await until('the two meet', async () => {
      const found = await cluster.query(
        `select from pg_stat_activity where application_name = 'sallyport-migrate' and wait_event_type = 'Lock'`,
      );
      return found.rowCount === 1;
    });
    await other.query('commit');
    expect(await granting).toEqual([]);
    const found = await other.query(
      `select has_table_privilege('sallyport_gateway', 'event', 'select') as reads,
         has_table_privilege('sallyport_gateway', 'event', 'update') as changes`,
    );
    expect(found.rows).toEqual([{ reads: true, changes: false }]);
    await other.end();
    await cluster.query('drop database crossed');
    for (const role of names) await cluster.query(`drop role ${role}`);
  });

  test('many migrations at once, of one database and of several, all end well', async () => {
    const databases = ['one', 'two', 'three', 'four'];
    for (const name of databases) await cluster.query(`create database ${name}`);
    const runs = await Promise.all([...databases, ...databases].map((name) => bring(at(name))));
    expect(runs).toEqual(runs.map(() => []));
    for (const name of databases) {
      const client = new pg.Client({ connectionString: at(name) });
      await client.connect();
      const found = await client.query(
        `select bool_and(has_column_privilege(rolname, 'migration', 'name', 'select')) as all, count(*)::int as n
         from pg_roles where rolname = any ($1)`,
        [names],
      );
      expect(found.rows[0]).toEqual({ all: true, n: names.length });
      await client.end();
    }
  });
});
