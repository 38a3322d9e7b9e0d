import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import pg from 'pg';
import { deliveryPayloadSchema, deliveryRow, newId, type PolicyOverride } from '#contracts';
import { assertMigrated, Sealer, type Database } from '#persistence';
import { createTestDatabase, type TestDatabase } from './database.js';
import { tamper } from './tamper.js';

/** A lockout worker's rows, for each file that imports this: accounts, users, events, lockouts, and the notices that came of them. */

export const sealer = new Sealer({ active: 's-1', keys: new Map([['s-1', randomBytes(32)]]) });
export let lines: string[] = [];

export let shared: TestDatabase;
export let database: Database;
export let sql: pg.Client;

beforeAll(async () => {
  shared = await createTestDatabase();
  database = shared.database;
  await assertMigrated(database);
  sql = new pg.Client({ connectionString: shared.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await shared.close();
});
beforeEach(async () => {
  lines = [];
  await tamper(shared.url, 'truncate tenant, event, outbox, audit_entry, send_window cascade');
  await sql.query(`insert into tenant (id, name) values ('tnt_1', 'Panel')`);
});

export async function rows<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await sql.query(text, values)).rows as Row[];
}

export interface User {
  readonly id: string;
  readonly account: string;
  readonly name: string;
}

export async function addAccount(
  name: string,
  policy: PolicyOverride = {},
  locale: string | null = null,
): Promise<string> {
  await sql.query('insert into account (id, tenant_id, external_id, policy, locale) values ($1, $2, $3, $4, $5)', [
    `acc_${name}`,
    'tnt_1',
    name,
    policy,
    locale,
  ]);
  return name;
}

export async function addUser(
  account: string,
  name: string,
  profile: object = { email: `${name}@example.com` },
): Promise<User> {
  const id = newId('user');
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     values ($1, 'tnt_1', $2, $3, 'person', $4, '')`,
    [id, `acc_${account}`, name, sealer.seal('profile', id, JSON.stringify(profile))],
  );
  return { id, account, name };
}

/** An event with its job, as a gateway's statement writes them. */
export async function addEvent(
  user: User,
  type: string,
  data: object,
  job: string,
  ago = '0 seconds',
): Promise<string> {
  const id = newId('event');
  await sql.query(
    `with e as (
       insert into event (id, tenant_id, type, account_id, user_id, user_ref, data, time)
       values ($1, 'tnt_1', $2, $3, $4, $5, $6, clock_timestamp() - $8::interval)
     )
     insert into outbox (id, job, line, payload) values ($1, $7, '', jsonb_build_object('eventId', $1::text))`,
    [id, type, user.account, user.name, user.id, data, job, ago],
  );
  return id;
}

export async function addLockout(
  user: User,
  more: { until?: string; endedAt?: string; device?: string | null } = {},
): Promise<string> {
  const id = newId('lockout');
  const device = more.device === undefined ? 'Work phone' : more.device;
  const deviceId = device === null ? null : newId('device');
  if (device !== null) {
    await sql.query(
      `insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at)
       values ($1, 'tnt_1', $2, 'totp', $3, 'verified', now())`,
      [deviceId, user.id, device],
    );
  }
  await sql.query(
    `insert into lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, locked_until, ended_at)
     values ($1, 'tnt_1', $2, $3, $4, 5, now() + $5::interval, now() + $6::interval)`,
    [
      id,
      user.id,
      device === null ? 'recovery_codes' : 'device',
      deviceId,
      more.until ?? '30 seconds',
      more.endedAt ?? null,
    ],
  );
  return id;
}

export const announceJob = (user: User, lockoutId: string) =>
  addEvent(
    user,
    'lockout.started',
    { lockoutId, subject: 'device', wrongCodes: 5, lockedUntil: '' },
    'announce-lockout',
  );

interface Written {
  readonly id: string;
  readonly deviceId: string | null;
  readonly requestId: string | null;
  readonly payload: Record<string, unknown>;
}

/** The notices written so far, opened, the last one last; each with exactly one job of its own. */
export async function notices(): Promise<Written[]> {
  const found = await rows<{ id: string; device_id: string | null; request_id: string | null; payload_sealed: Buffer }>(
    `select d.id, d.device_id, d.request_id, d.payload_sealed from delivery d
     join outbox o on o.id = d.id and o.job = 'deliver-notice' and o.payload ->> 'deliveryId' = d.id
     where d.channel = 'email' and d.kind = 'notice' and d.status = 'queued' and d.tenant_id = 'tnt_1'
       and d.expires_at between now() + interval '23 hours' and now() + interval '25 hours'
     order by d.id`,
  );
  const all = await rows('select from delivery');
  expect(found).toHaveLength(all.length);
  return found.map((row) => {
    const opened = sealer.openText('delivery', deliveryRow('tnt_1', row.device_id, row.id), row.payload_sealed);
    const payload = deliveryPayloadSchema.parse(JSON.parse(opened));
    return { id: row.id, deviceId: row.device_id, requestId: row.request_id, payload };
  });
}

export const addressees = async () => (await notices()).map(({ payload }) => payload['to']).toSorted();
export const jobsLeft = () => rows(`select id from outbox where job <> 'deliver-notice'`);
