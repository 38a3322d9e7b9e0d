import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { problems } from '#contracts';
import { Database } from '#persistence';
import type { RunningGateway } from '../../../apps/gateway/src/app.js';
import { openLine, type Line } from '../../support/line.js';
import { callsOf, startTestGateway } from '../../support/gateway.js';
import { totp, wrongTotp, type Call } from '../../support/gateway-harness.js';
import { growth } from '../../support/metrics.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';
import {
  challenge,
  expectRefusal,
  holdRow,
  later,
  panel,
  supportContact,
  tenant,
  totpUser,
  untilWaiting,
} from '../../support/refusing-gateway.js';
import { refusalsOfCalls } from '../../support/refusals-of-calls.js';
import { refusalsOfCodes } from '../../support/refusals-of-codes.js';

const refusals = [...refusalsOfCalls, ...refusalsOfCodes];

describe('a refusal', () => {
  test.each(refusals)('is $code when $when', async ({ code, provoke, words, shows }) => {
    let answer!: Answer;
    const counted = await growth('sallyport_refusals_total', { code }, async () => (answer = await provoke()));
    expectRefusal(answer, code);
    expect(counted).toBeGreaterThanOrEqual(1);
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
