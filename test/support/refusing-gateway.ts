import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import pg from 'pg';
import { problems, type ProblemCode } from '#contracts';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type TestPanel, type TestTenant, type TestUser } from './gateway-harness.js';
import type { Answer } from './system.js';

/** A gateway that refuses, for each file that imports this: its tenant, its people, and what all refusals have in common. */

export const supportContact = 'Ask the help desk, desk@panel.example';
/** Codes that come with later parts of Sallyport. */
export const later: readonly ProblemCode[] = ['sms_blocked'];

export let panel: TestPanel;
export let tenant: TestTenant;
let api: ApiDescription;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
  tenant = await panel.tenant();
  call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { supportContact });
});
afterAll(() => panel.stop());

/** What all refusals have in common (RFC 9457, and the contract's conventions). */
export function expectRefusal(answer: Answer, code: ProblemCode): void {
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

export const totpUser = () => panel.totpUser(tenant);
export const challenge = (user: TestUser, more?: object) => panel.challenge(user, more, tenant);
export const verify = (challengeId: string, body: object) => call('POST', `/v1/challenges/${challengeId}/verify`, body);

/** A user with an account policy of its own. */
export async function userUnder(policy: object, profile: object = {}): Promise<TestUser> {
  const user = await panel.user(tenant, profile);
  const answer = await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy);
  expect(answer.status).toBe(200);
  return user;
}

let numbers = 0;
/** A number that no other test uses: numbers have quotas. */
export const freshPhone = () => `+316${String(12_000_000 + (numbers += 1))}`;

export async function enrollSms(user: TestUser): Promise<Answer> {
  return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: freshPhone() });
}

/** A user whose only device is a verified phone. */
export async function smsUser(policy: object = {}): Promise<TestUser & { deviceId: string }> {
  const user = await userUnder(policy);
  const deviceId = (await enrollSms(user)).body.id;
  const code = await panel.sentCode(deviceId);
  expect((await call('POST', `/v1/devices/${deviceId}/verify`, { code })).status).toBe(200);
  return { ...user, deviceId };
}

export interface Refusal {
  readonly code: ProblemCode;
  readonly when: string;
  readonly provoke: () => Promise<Answer>;
  /** Words, where the one who logs in reads them: those and a support contact have to be there. */
  readonly words?: string | RegExp;
  readonly shows?: (body: Answer['body'], answer: Answer) => void;
}

export const soon = (time: string, seconds: number) => {
  const left = Date.parse(time) - Date.now();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(seconds * 1000 + 1000);
};

/** Keeps a row locked, so that a call that wants to change it waits. */
export async function holdRow(table: string, column: string, value: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: panel.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`select from ${table} where ${column} = $1 for update`, [value]);
  return { release: () => client.end() };
}

/** Until a call waits for a lock. */
export async function untilWaiting(): Promise<void> {
  for (;;) {
    const [row] = await panel.sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query not like '%pg_stat_activity%'`,
    );
    if (row && row.n > 0) return;
    await delay(20);
  }
}
