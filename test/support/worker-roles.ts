import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import { Database, newEventKey, roles, Sealer } from '#persistence';
import { createLogger, generateKeyFile, loadKeys, type RunningApp } from '#runtime';
import { createTestDatabase, type TestDatabase } from './database.js';
import { tamper } from './tamper.js';

/** Workers under the roles of their processes, for each file that imports this: all of them end with their test. */

export const names = Object.keys(roles);
const password = randomBytes(12).toString('hex');
const suffix = randomBytes(4).toString('hex');
/** All keys of the installation. */
export const keyFile = generateKeyFile();
export const { sealing, checkpoint } = loadKeys(['sealing', 'checkpoint'], { SALLYPORT_KEYS: keyFile });
export const sealer = new Sealer(sealing);

export let store: TestDatabase;
export let admin: pg.Client;
export let lines: string[] = [];
export const logger = createLogger('test', { write: (line) => void lines.push(line) });

beforeAll(async () => {
  store = await createTestDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
  for (const role of names) {
    await admin.query(`create role ${role}_${suffix} login password '${password}' in role ${role}`);
  }
});
afterAll(async () => {
  for (const role of names) await admin.query(`drop role ${role}_${suffix}`);
  await admin.end();
  await store.close();
});

export const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  lines = [];
  await tamper(
    store.url,
    'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_witnessed, audit_key, unsealable_event, outbox, tenant cascade',
  );
  await admin.query(`update audit_cursor set tx = '0'`);
  for (const n of [1, 2]) {
    await admin.query(`insert into tenant (id, name) values ('tnt_${n}', 'one')`);
    await admin.query(
      `insert into account (id, tenant_id, external_id) values ('acc_${n}', 'tnt_${n}', 'customer ${n}')`,
    );
    await admin.query(
      `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
       values ('usr_${n}', 'tnt_${n}', 'acc_${n}', 'person ${n}', 'person', $1, $2)`,
      [
        sealer.seal('profile', `usr_${n}`, JSON.stringify({ email: `person${n}@example.com` })),
        sealer.seal('event-key', `usr_${n}`, newEventKey()),
      ],
    );
  }
});
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

export const sql = async <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
  (await admin.query(text, values)).rows as Row[];

export function urlOf(role: string): string {
  return Object.assign(new URL(store.url), { username: `${role}_${suffix}`, password }).href;
}

/** As a process of its own opens it, under its role. */
export async function open(role: string): Promise<Database> {
  const database = Database.open({ url: urlOf(role), poolSize: 4, onError: () => undefined });
  ends.push(() => database.close());
  return database;
}

export async function run<App extends RunningApp>(app: Promise<App>): Promise<App> {
  const started = await app;
  ends.push(() => started.stop());
  return started;
}

export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 40_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}

/** Runs SQL as a role, and takes it back. @returns the SQLSTATE of the refusal, or null */
export async function stateAs(role: string | null, text: string, values: unknown[] = []): Promise<string | null> {
  await admin.query('begin');
  try {
    if (role !== null) await admin.query(`set local role ${role}_${suffix}`);
    await admin.query(text, values);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'none';
  } finally {
    await admin.query('rollback');
  }
}

export const refused = '42501'; // insufficient_privilege
export const unsound = '23514'; // check_violation
