import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RouteTable } from '#delivery';
import { assertMigrated, createApiKey, createTenant, Database, scopes, Sealer } from '#persistence';
import { createLogger, generateKeyFile, loadKeys, type Logger, type RunningApp } from '#runtime';
import { Readiness } from '#process';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { startGateway } from '../../../apps/gateway/src/app.js';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { auditState } from '../../support/audit-state.js';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { startSmtpServer } from '../../support/smtp-server.js';
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
import { admin, names, store, until } from '../../support/role-logins.js';

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
    const keys = loadKeys(['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'], {
      SALLYPORT_KEYS: generateKeyFile(),
    });
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
    await run(startSmsWorker({ ...(await open('sallyport_sms_worker')), sealer, routes: new RouteTable([sms]) }));
    await run(startEmailWorker({ ...(await open('sallyport_email_worker')), sealer, routes: new RouteTable([mail]) }));
    await run(startLockoutWorker({ ...(await open('sallyport_lockout_worker')), sealer }));
    const state = await auditState();
    ends.push(() => state.remove());
    const audit = { checkpointKey: keys.checkpoint, stateDir: state.path };
    await run(startAuditWorker({ ...(await open('sallyport_audit_worker')), ...audit }));
    const { queues, ...parts } = await open('sallyport_gateway');
    const readiness = new Readiness({ database: parts.database, store: queues, needsQueue: false });
    const gateway = await startGateway({
      ...parts,
      readiness,
      keys,
      webhookAllowPrivate: false,
      host: '127.0.0.1',
      port: 0,
    });
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
       insert into outbox (id, job, line, payload, published_at, publications)
       values ('evt_stale', 'deliver-sms', '', '{"deliveryId": "dlv_stale"}', now() - interval '1 hour', 1),
         ('evt_lost', 'examine-rejection', '', '{"eventId": "evt_lost"}', now() - interval '1 hour', 1)`,
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
