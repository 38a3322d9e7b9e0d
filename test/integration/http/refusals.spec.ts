import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { problems, type ProblemCode } from '#contracts';
import { Database } from '#persistence';
import type { RunningGateway } from '../../../apps/gateway/src/app.js';
import { ApiDescription } from '../../support/api-description.js';
import { openLine, type Line } from '../../support/line.js';
import { callsOf, startTestGateway } from '../../support/gateway.js';
import {
  startPanel,
  totp,
  wrongTotp,
  type Call,
  type TestPanel,
  type TestTenant,
  type TestUser,
} from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

const supportContact = 'Ask the help desk, desk@panel.example';
/** Codes that come with later parts of Sallyport. */
const later: readonly ProblemCode[] = ['sms_blocked'];

let panel: TestPanel;
let tenant: TestTenant;
let api: ApiDescription;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  api = await ApiDescription.read(panel.url);
  tenant = await panel.tenant();
  call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { supportContact });
});
afterAll(() => panel.stop());

/** What all refusals have in common (RFC 9457, and the contract's conventions). */
function expectRefusal(answer: Answer, code: ProblemCode): void {
  const { status, body, headers } = answer;
  expect(body).toMatchObject({ code, status, type: `urn:sallyport:problem:${code}`, title: problems[code].title });
  expect(status).toBe(problems[code].status);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(body.requestId).toMatch(/^req_[0-9a-z]{26}$/);
  expect(headers.get('x-request-id')).toBe(body.requestId);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body.detail).not.toMatch(/undefined|null|\[object|select |\bat \w+ \(/i);
  if (status === 429) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  if (body.retryAfter !== undefined) expect(headers.get('retry-after')).toBe(String(body.retryAfter));
}

const totpUser = () => panel.totpUser(tenant);
const challenge = (user: TestUser, more?: object) => panel.challenge(user, more, tenant);
const verify = (challengeId: string, body: object) => call('POST', `/v1/challenges/${challengeId}/verify`, body);

/** A user with an account policy of its own. */
async function userUnder(policy: object, profile: object = {}): Promise<TestUser> {
  const user = await panel.user(tenant, profile);
  const answer = await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy);
  expect(answer.status).toBe(200);
  return user;
}

let numbers = 0;
/** A number that no other test uses: numbers have quotas. */
const freshPhone = () => `+316${String(12_000_000 + (numbers += 1))}`;

async function enrollSms(user: TestUser): Promise<Answer> {
  return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: freshPhone() });
}

/** A user whose only device is a verified phone. */
async function smsUser(policy: object = {}): Promise<TestUser & { deviceId: string }> {
  const user = await userUnder(policy);
  const deviceId = (await enrollSms(user)).body.id;
  const code = await panel.sentCode(deviceId);
  expect((await call('POST', `/v1/devices/${deviceId}/verify`, { code })).status).toBe(200);
  return { ...user, deviceId };
}

interface Refusal {
  readonly code: ProblemCode;
  readonly when: string;
  readonly provoke: () => Promise<Answer>;
  /** Words, where the one who logs in reads them: those and a support contact have to be there. */
  readonly words?: string | RegExp;
  readonly shows?: (body: Answer['body'], answer: Answer) => void;
}

const soon = (time: string, seconds: number) => {
  const left = Date.parse(time) - Date.now();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(seconds * 1000 + 1000);
};

const refusals: readonly Refusal[] = [
  {
    code: 'invalid_request',
    when: 'fields are missing',
    provoke: () => call('POST', '/v1/challenges', {}),
    shows: (body) => {
      expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual(['/accountId', '/userId']);
    },
  },
  {
    code: 'unauthenticated',
    when: 'there is no API key',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: '' }),
    shows: (_, { headers }) => expect(headers.get('www-authenticate')).toBe('Bearer'),
  },
  {
    code: 'unauthenticated',
    when: 'the API key is unknown',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: `Bearer sp_${'x'.repeat(43)}` }),
  },
  {
    code: 'unauthenticated',
    when: 'the API key is no key at all',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: `Bearer ' or 1=1 --` }),
  },
  {
    code: 'insufficient_scope',
    when: 'the key may do other things',
    provoke: async () => {
      const key = await tenant.key(['accounts', 'devices', 'audit']);
      return call('POST', '/v1/challenges', {}, { authorization: `Bearer ${key}` });
    },
    shows: (body) => expect(body.detail).toContain('"challenges"'),
  },
  { code: 'not_found', when: 'there is no such object', provoke: () => call('GET', '/v1/devices/dev_unknown') },
  { code: 'not_found', when: 'there is no such call', provoke: () => call('POST', '/v1/nothing', {}) },
  {
    code: 'http_method_not_allowed',
    when: 'the address takes others',
    provoke: () => call('DELETE', '/v1/policy'),
    shows: (_, { headers }) => expect(headers.get('allow')).toBe('GET, HEAD, PATCH, PUT'),
  },
  {
    code: 'challenge_not_pending',
    when: 'the challenge was canceled',
    provoke: async () => {
      const user = await totpUser();
      const id = await challenge(user);
      expect((await call('POST', `/v1/challenges/${id}/cancel`)).body.status).toBe('canceled');
      expectRefusal(await call('POST', `/v1/challenges/${id}/cancel`), 'challenge_not_pending');
      return verify(id, { code: totp(user.secret) });
    },
    words: 'This challenge has ended. Start a new one.',
  },
  {
    code: 'challenge_not_pending',
    when: 'its checks are used up',
    provoke: async () => {
      const user = await totpUser();
      const id = await challenge(user);
      await panel.sql('update challenge set checks = 4 where id = $1', [id]);
      expect((await verify(id, { code: wrongTotp(user.secret) })).body.attemptsLeft).toBe(0);
      expect((await call('GET', `/v1/challenges/${id}`)).body.status).toBe('max_attempts_reached');
      return verify(id, { code: totp(user.secret) });
    },
    words: /ended/,
  },
  {
    code: 'device_not_verified',
    when: 'a code is to be sent to an unproven device',
    provoke: async () => {
      const user = await totpUser();
      const proof = await panel.proof(user, 'add_device', tenant);
      const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
      const added = await call('POST', `${user.path}/devices`, body, { 'sallyport-proof': proof });
      const id = await challenge(user);
      expectRefusal(await verify(id, { deviceId: added.body.id, code: '123456' }), 'device_not_verified');
      expectRefusal(await call('PATCH', `/v1/devices/${added.body.id}`, { isDefault: true }), 'device_not_verified');
      return call('POST', `/v1/challenges/${id}/codes`, { deviceId: added.body.id });
    },
    words: /not been verified/,
  },
  {
    code: 'device_already_verified',
    when: 'a device is verified twice',
    provoke: async () => {
      const { deviceId, secret } = await totpUser();
      return call('POST', `/v1/devices/${deviceId}/verify`, { code: totp(secret) });
    },
    words: /already verified/,
  },
  {
    code: 'device_already_verified',
    when: 'a seed is imported twice for one user',
    provoke: async () => {
      const user = await panel.user(tenant);
      const body = { name: 'App', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' };
      expect((await call('POST', `${user.path}/devices/import`, body)).status).toBe(201);
      return call('POST', `${user.path}/devices/import`, body);
    },
  },
  {
    code: 'method_conflict',
    when: 'the policy allows one method, and another is in use',
    provoke: async () => {
      const user = await smsUser({ methods: { exclusive: true } });
      return call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    },
    words: /Name the device that the new one replaces/,
  },
  {
    code: 'method_not_allowed',
    when: 'the policy does not let the method stand alone',
    provoke: async () => enrollSms(await userUnder({ methods: { notAlone: ['sms'] } })),
    words: /as the only one. Add another method first/,
  },
  {
    code: 'recovery_codes_not_acknowledged',
    when: 'the first device is verified before its recovery codes were saved',
    provoke: async () => {
      const user = await userUnder({ recoveryCodes: { acknowledgementRequired: true } });
      const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
      return call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) });
    },
    words: /have been saved/,
  },
  {
    code: 'last_device',
    when: 'the last device is to go',
    provoke: async () => {
      const user = await totpUser();
      const proof = await panel.proof(user, 'remove_device', tenant);
      return call('DELETE', `/v1/devices/${user.deviceId}`, undefined, { 'sallyport-proof': proof });
    },
    words: /last device/,
  },
  {
    code: 'two_factor_required',
    when: 'it is to be switched off where the company requires it',
    provoke: async () => {
      const user = await totpUser();
      await call('PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { required: 'all' } });
      const headers = { 'sallyport-proof': await panel.proof(user, 'disable', tenant) };
      return call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
    },
    words: /company requires two-factor/,
  },
  {
    code: 'insufficient_scope',
    when: 'only an administrator may switch it off',
    provoke: async () => {
      const user = await totpUser();
      await call('PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { disableBy: 'admin' } });
      const headers = {
        'sallyport-proof': await panel.proof(user, 'disable', tenant),
        authorization: `Bearer ${await tenant.key(['accounts', 'devices', 'challenges', 'audit'])}`,
      };
      return call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
    },
    words: /Only an administrator.*"admin"/,
  },
  {
    code: 'device_not_verified',
    when: 'it is to be switched on without a device',
    provoke: async () => call('PUT', `${(await panel.user(tenant)).path}/two-factor`, { enabled: true }),
    words: /no verified device/,
  },
  {
    code: 'method_not_allowed',
    when: 'messages are given back to a device that gets none',
    provoke: async () => call('DELETE', `/v1/devices/${(await totpUser()).deviceId}/quota`),
    words: /does not use SMS/,
  },
  {
    code: 'idempotency_in_progress',
    when: 'a call with the same key is still running',
    provoke: async () => {
      const user = await totpUser();
      const key = { 'idempotency-key': 'in-progress' };
      const rename = () => call('PATCH', `/v1/devices/${user.deviceId}`, { name: 'Other' }, key);
      // The first call waits for this row, its key claimed.
      const { release } = await holdRow('app_user', 'external_id', user.userId);
      const first = rename();
      await untilWaiting();
      const second = await rename();
      await release();
      expect((await first).status).toBe(200);
      return second;
    },
    shows: (body) => expect(body.retryAfter).toBe(1),
  },
  {
    code: 'challenge_expired',
    when: 'the challenge is over',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      await panel.sql('update challenge set expires_at = now() where id = $1', [id]);
      expect((await call('GET', `/v1/challenges/${id}`)).body.status).toBe('expired');
      expectRefusal(await call('POST', `/v1/challenges/${id}/cancel`), 'challenge_expired');
      expectRefusal(await call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId }), 'challenge_expired');
      return verify(id, { code: '123456' });
    },
    words: /expired. Start a new one/,
  },
  {
    code: 'enrolment_expired',
    when: 'the time to verify a device is over',
    provoke: async () => {
      const user = await panel.user(tenant);
      const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
      await panel.sql('update device set enrolment_expires_at = now() where id = $1', [id]);
      return call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) });
    },
    words: /Add the device again/,
  },
  {
    code: 'enrolment_expired',
    when: 'another code is asked for then',
    provoke: async () => {
      const { id } = (await enrollSms(await panel.user(tenant))).body;
      await panel.sql('update device set enrolment_expires_at = now() where id = $1', [id]);
      return call('POST', `/v1/devices/${id}/codes`);
    },
    words: /Add the device again/,
  },
  {
    code: 'code_invalid',
    when: 'the code is wrong',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: 'This code is incorrect. Check it and try again.',
    shows: (body) => {
      expect(body.attemptsLeft).toBe(4);
      expect(body).not.toHaveProperty('lockedUntil');
    },
  },
  {
    code: 'code_invalid',
    when: 'it is the one that locks',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: /incorrect/,
    shows: (body) => {
      expect(body.attemptsLeft).toBe(0);
      soon(body.lockedUntil, 30);
      expect(body.userMessage).toMatch(/^Too many wrong codes\. Try again in (30|29) seconds\.$/);
    },
  },
  {
    code: 'code_already_used',
    when: 'it is the one that locks',
    provoke: async () => {
      const user = await totpUser();
      const code = totp(user.secret);
      expect((await verify(await challenge(user), { code })).status).toBe(200);
      await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code });
    },
    words: /used before/,
    shows: (body) => {
      soon(body.lockedUntil, 30);
      expect(body.userMessage).toMatch(/^Too many wrong codes/);
    },
  },
  {
    code: 'code_invalid',
    when: 'it is the one that disables',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: /incorrect/,
    shows: (body) => {
      expect(body).not.toHaveProperty('lockedUntil');
      expect(body.userMessage).toMatch(/^This device was disabled/);
    },
  },
  {
    code: 'code_invalid',
    when: 'the phone shows what was right three steps ago',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: totp(user.secret, -3) });
    },
    words: /clock is set automatically/,
  },
  {
    code: 'code_invalid',
    when: 'the code is still to come: nothing may tell so',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: totp(user.secret, 3) });
    },
    words: 'This code is incorrect. Check it and try again.',
  },
  {
    code: 'code_invalid',
    when: 'an enrolment gets a wrong code',
    provoke: async () => {
      const { id, totp: shown } = (
        await call('POST', `${(await panel.user(tenant)).path}/devices`, { method: 'totp', name: 'App' })
      ).body;
      return call('POST', `/v1/devices/${id}/verify`, { code: wrongTotp(shown.secret) });
    },
    words: /incorrect/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'code_already_used',
    when: 'an app shows the code of the last login',
    provoke: async () => {
      const user = await totpUser();
      const code = totp(user.secret);
      expect((await verify(await challenge(user), { code })).status).toBe(200);
      return verify(await challenge(user), { code });
    },
    words: 'This code was used before. Wait until your app shows a new one.',
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'code_expired',
    when: 'a sent code is too old',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      const code = await panel.sentCode(user.deviceId);
      await panel.sql('update code set expires_at = now() where subject_id = $1', [id]);
      return verify(id, { code });
    },
    words: /Request a new one/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'recovery_code_invalid',
    when: 'a recovery code is wrong',
    provoke: async () => verify(await challenge(await totpUser()), { recoveryCode: '0000-0000-0000-0000' }),
    words: /incorrect or was used before/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'recovery_code_invalid',
    when: 'a recovery code was used',
    provoke: async () => {
      const user = await totpUser();
      const recoveryCode = user.recoveryCodes[0] ?? '';
      expect((await verify(await challenge(user), { recoveryCode })).body.recoveryCodesLeft).toBe(9);
      return verify(await challenge(user), { recoveryCode });
    },
    words: /used before/,
  },
  {
    code: 'phone_invalid',
    when: 'a number cannot be',
    provoke: async () => {
      const user = await panel.user(tenant);
      return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '06 12345678' });
    },
    words: /country code/,
  },
  {
    code: 'country_not_allowed',
    when: 'the policy leaves the country out',
    provoke: async () => {
      const user = await userUnder({ phone: { allowedCountries: ['NL', 'BE'] } });
      expect((await enrollSms(user)).status).toBe(201);
      return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '+44 7400 123456' });
    },
    words: /this country/,
  },
  {
    code: 'method_not_allowed',
    when: 'the policy leaves the method out',
    provoke: async () => enrollSms(await userUnder({ methods: { allowed: ['totp'] } })),
    words: /does not allow this method/,
  },
  {
    code: 'method_not_allowed',
    when: 'an app is to be sent a code',
    provoke: async () => {
      const user = await totpUser();
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /generates its own codes/,
  },
  {
    code: 'method_not_allowed',
    when: 'a recovery code is to approve a transaction',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user, { purpose: 'transaction' }), { recoveryCode: user.recoveryCodes[0] });
    },
    words: /one of your devices/,
  },
  {
    code: 'method_not_allowed',
    when: 'a service user is to have a device',
    provoke: async () => enrollSms(await userUnder({}, { kind: 'service' })),
    words: /service user/,
  },
  {
    code: 'proof_required',
    when: 'a device is added beside another without a proof',
    provoke: async () => enrollSms(await totpUser()),
    words: /"add_device" in the Sallyport-Proof header/,
  },
  {
    code: 'proof_invalid',
    when: 'the proof is none',
    provoke: async () =>
      call('POST', `${(await totpUser()).path}/recovery-codes`, undefined, { 'sallyport-proof': 'a.b.c' }),
    words: /is for something else/,
  },
  {
    code: 'idempotency_key_reused',
    when: 'the key comes with another body',
    provoke: async () => {
      const key = { 'idempotency-key': 'reused' };
      expect((await call('PUT', '/v1/accounts/reused', { name: 'One' }, key)).status).toBe(200);
      return call('PUT', '/v1/accounts/reused', { name: 'Two' }, key);
    },
  },
  {
    code: 'locked',
    when: 'the device is locked, and the code right',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql(`update device set wrong_codes = 7, locked_until = now() + interval '2 minutes' where id = $1`, [
        user.deviceId,
      ]);
      return verify(await challenge(user), { code: totp(user.secret) });
    },
    words: 'Too many wrong codes. Try again in 2 minutes.',
    shows: (body) => {
      soon(body.lockedUntil, 120);
      expect(body.retryAfter).toBeGreaterThan(100);
      expect(body).not.toHaveProperty('attemptsLeft');
    },
  },
  {
    code: 'locked',
    when: 'a code for a locked device is asked for',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      await panel.sql(`update device set locked_until = now() + interval '20 seconds' where id = $1`, [user.deviceId]);
      return call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId });
    },
    words: /Try again in (20|19) seconds/,
    shows: (body) => soon(body.lockedUntil, 20),
  },
  {
    code: 'locked',
    when: 'the device is disabled',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
      return verify(await challenge(user), { deviceId: user.deviceId, code: totp(user.secret) });
    },
    words: /Use another device or a recovery code/,
    shows: (body) => expect(body.retryAfter).toBe(86_400),
  },
  {
    code: 'resend_too_soon',
    when: 'a code was sent a moment ago',
    provoke: async () => {
      const user = await smsUser();
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /Wait before you request another/,
    shows: (body) => {
      expect(body.retryAfter).toBeGreaterThan(25);
      expect(body.retryAfter).toBeLessThanOrEqual(30);
    },
  },
  {
    code: 'sms_quota_exceeded',
    when: "the day's messages are used up",
    provoke: async () => {
      const user = await smsUser({ phone: { smsPerDevicePerDay: 2 }, code: { resendAfterSeconds: 0 } });
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /Use an authenticator app to sign in, or contact support/,
    shows: (body) => {
      expect(body.quota).toMatchObject({ limit: 2, used: 2, resetsAt: expect.stringMatching(/T00:00:00.000Z$/) });
      soon(body.quota.resetsAt, 86_400);
      expect(body.retryAfter).toBeLessThanOrEqual(86_400);
    },
  },
  {
    code: 'send_limit_reached',
    when: 'a challenge has sent all it may',
    provoke: async () => {
      const user = await smsUser({ code: { resendAfterSeconds: 0, maxSends: 2 } });
      const id = await challenge(user);
      const send = () => call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId });
      expect((await send()).status).toBe(202);
      return send();
    },
    words: /Start a new one/,
  },
  {
    code: 'rate_limited',
    when: 'a user has 500 open challenges',
    provoke: async () => {
      const user = await totpUser();
      const template = await challenge(user);
      await panel.sql(
        `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at)
         select 'chl_filler_' || n, tenant_id, user_id, purpose, max_checks, expires_at
         from challenge, generate_series(1, 499) n where id = $1`,
        [template],
      );
      return call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId, purpose: 'login' });
    },
    words: /too many open challenges/,
    shows: (body) => expect(body.retryAfter).toBe(600),
  },
];

/** Keeps a row locked, so that a call that wants to change it waits. */
async function holdRow(table: string, column: string, value: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: panel.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`select from ${table} where ${column} = $1 for update`, [value]);
  return { release: () => client.end() };
}

/** Until a call waits for a lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const [row] = await panel.sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query not like '%pg_stat_activity%'`,
    );
    if (row && row.n > 0) return;
    await delay(20);
  }
}

describe('a refusal', () => {
  test.each(refusals)('is $code when $when', async ({ code, provoke, words, shows }) => {
    const answer = await provoke();
    expectRefusal(answer, code);
    if (words !== undefined) {
      if (typeof words === 'string') expect(answer.body.detail).toBe(words);
      else expect(answer.body.detail).toMatch(words);
      expect(answer.body.detail).toMatch(/^[A-Z].*\.$/);
      expect(answer.body.supportContact).toBe(supportContact);
    }
    shows?.(answer.body, answer);
  });

  test('has a test for each code of the table that this version can answer', () => {
    const tested = new Set<string>([...refusals.map(({ code }) => code), 'unavailable', ...later]);
    expect(Object.keys(problems).filter((code) => !tested.has(code))).toEqual([]);
    expect(later.filter((code) => refusals.some((refusal) => refusal.code === code))).toEqual([]);
  });

  test('names nobody to ask where the policy names nobody', async () => {
    const user = await panel.totpUser();
    const answer = await panel.call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { code: '000000' });
    expectRefusal(answer, 'code_invalid');
    expect(answer.body).not.toHaveProperty('supportContact');
  });
});

describe('503 unavailable charges nothing', () => {
  let line: Line;
  let gateway: RunningGateway;
  let callGateway: Call;
  let close: () => Promise<void>;

  beforeAll(async () => {
    line = await openLine(panel.databaseUrl);
    const database = Database.open({ url: line.url, poolSize: 4, onError: () => undefined });
    gateway = await startTestGateway({ database, queueUrl: panel.databaseUrl, keyFile: panel.keyFile });
    callGateway = callsOf(gateway.url, tenant.apiKey);
    close = async () => {
      await gateway.stop();
      await database.close();
      await line.close();
    };
  });
  afterEach(() => {
    jest.restoreAllMocks();
    line.mend();
  });
  afterAll(() => close());

  test('while the database is away; then the same code is good', async () => {
    const user = await totpUser();
    const path = `/v1/challenges/${await challenge(user)}/verify`;
    expect((await callGateway('GET', '/readyz')).status).toBe(200);
    const before = await readRows(panel);
    line.cut();
    for (const code of [wrongTotp(user.secret), totp(user.secret)]) {
      expectRefusal(await callGateway('POST', path, { code }), 'unavailable');
    }
    expect(await callGateway('GET', '/readyz')).toMatchObject({ status: 503, body: { checks: { database: false } } });
    expect(await callGateway('GET', '/healthz')).toMatchObject({ status: 200 });
    expect(await readRows(panel)).toEqual(before);
    line.mend();
    expect(await callGateway('POST', path, { code: totp(user.secret) })).toMatchObject({ status: 200 });
  });

  test.each([
    ['', {}],
    [', inside a transaction', { 'idempotency-key': 'broken-off' }],
  ])('where PostgreSQL ends the connection in the middle of the charge%s', async (_, headers) => {
    const user = await totpUser();
    const path = `/v1/challenges/${await challenge(user)}/verify`;
    const before = await readRows(panel);
    const { release } = await holdRow('device', 'id', user.deviceId);
    const waiting = callGateway('POST', path, { code: wrongTotp(user.secret) }, headers);
    await untilWaiting();
    await panel.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expectRefusal(await waiting, 'unavailable');
    await release();
    expect(await readRows(panel)).toEqual(before);
    // The process lives, and the retry does the work.
    const again = await callGateway('POST', path, { code: totp(user.secret) }, headers);
    expect(again).toMatchObject({ status: 200, body: { status: 'approved' } });
  });

  test.each([
    ['ahead', 60_000],
    ['behind', -60_000],
  ])('where the clock of the process is a minute %s', async (_, offset) => {
    const user = await totpUser();
    const id = await challenge(user);
    const before = await readRows(panel);
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + offset);
    expectRefusal(await callGateway('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) }), 'unavailable');
    const { accountId, userId } = user;
    expectRefusal(await callGateway('POST', '/v1/challenges', { accountId, userId }), 'unavailable');
    expect(await callGateway('GET', '/readyz')).toMatchObject({ status: 503, body: { checks: { clock: false } } });
    expect(await readRows(panel)).toEqual(before);
  });
});
