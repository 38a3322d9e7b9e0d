import { describe, expect, test } from '@jest/globals';
import { totp, wrongTotp, type TestPanel } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import {
  countersOf,
  countEvents,
  endLock,
  inParallel,
  raceBehind,
  startOther,
  sum,
  tally,
} from '../../support/parallel.js';
import { panel, wrongCodes } from '../../support/guesses.js';

/** Answers that tell whether the code was right. */
function told(answers: readonly Answer[]): number {
  return sum(tally(answers), '200', '422 code_invalid', '422 code_already_used', '422 code_expired');
}

test('T02 T03 5,000 guesses over 500 challenges get six answers, and a restart forgets nothing', async () => {
  const user = await panel.totpUser();
  const challenges = await inParallel(500, () => panel.challenge(user), 16);
  const full = await panel.call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId });
  expect(full).toMatchObject({ status: 429, body: { code: 'rate_limited' } });

  // The second half begins when the first lock has ended. From the 500th guess of a half on, one in ten is right.
  const guesses = wrongCodes(user.secret, 2500);
  let right = 0;
  const half = (gateway: Pick<TestPanel, 'call'>) =>
    inParallel(2500, async (index) => {
      const isRight = index >= 500 && index % 10 === 0;
      if (isRight) right += 1;
      const code = isRight ? totp(user.secret) : guesses[index];
      return gateway.call('POST', `/v1/challenges/${challenges[index % 500]}/verify`, { code });
    });

  const first = await half(panel);
  expect(tally(first)).toEqual({ '422 code_invalid': 5, '429 locked': 2495 });
  const { lockedUntil } = await countersOf(panel, user.deviceId);
  expect(lockedUntil).toBeInstanceOf(Date);
  for (const { status, headers, body } of first) {
    if (status !== 429) continue;
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect(body.lockedUntil).toBe(lockedUntil?.toISOString());
    expect(body).not.toHaveProperty('attemptsLeft');
  }
  expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(1);

  await endLock(panel, user.deviceId);
  const other = await startOther(panel, 24);
  const second = await half(other);
  expect(tally(second)).toEqual({ '422 code_invalid': 1, '429 locked': 2499 });
  expect(right).toBe(400);
  expect(told([...first, ...second])).toBe(6);
  expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(2);
  expect(await countEvents(panel, user.userId, 'challenge.rejected')).toBe(6);
  const lockouts = await panel.call('GET', `${user.path}/lockouts`);
  expect(lockouts.body.data.map(({ wrongCodes }: { wrongCodes: number }) => wrongCodes)).toEqual([6, 5]);

  // Then everything restarts, and the queue is gone.
  const locked = await other.call('POST', `/v1/challenges/${challenges[0]}/verify`, { code: totp(user.secret) });
  expect(locked).toMatchObject({ status: 429, body: { code: 'locked' } });
  await other.stop();
  await panel.sql('truncate outbox');
  const tables = await panel.sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'sallyport_queue'`,
  );
  expect(tables.length).toBeGreaterThan(0);
  await panel.sql(`truncate ${tables.map(({ name }) => name).join(', ')} cascade`);
  const restarted = await startOther(panel);
  const after = await restarted.call('POST', `/v1/challenges/${challenges[0]}/verify`, { code: totp(user.secret) });
  expect(after).toMatchObject({ status: 429, body: { code: 'locked', lockedUntil: locked.body.lockedUntil } });
  await restarted.stop();
});

test('T02 right and wrong codes get the same answer while a lock lasts', async () => {
  const user = await panel.totpUser();
  const challenges = await inParallel(3, () => panel.challenge(user));
  const [first, second, third] = challenges;
  for (let guess = 0; guess < 5; guess += 1) {
    const answer = await panel.call('POST', `/v1/challenges/${first}/verify`, { code: wrongTotp(user.secret) });
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_invalid', attemptsLeft: 4 - guess } });
    expect(answer.body.lockedUntil !== undefined).toBe(guess === 4);
  }
  const wrong = await panel.call('POST', `/v1/challenges/${second}/verify`, { code: wrongTotp(user.secret) });
  const right = await panel.call('POST', `/v1/challenges/${third}/verify`, { code: totp(user.secret) });
  const malformed = await panel.call('POST', `/v1/challenges/${third}/verify`, { code: 'x' });
  const still = ({ body: { requestId: _, retryAfter: __, detail: ___, ...rest } }: Answer) => rest;
  expect(right.status).toBe(429);
  expect(still(right)).toEqual(still(wrong));
  // Refused by its form alone, locked or not.
  expect(malformed).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  // The first challenge has used up its own five checks besides.
  const ended = await panel.call('GET', `/v1/challenges/${first}`);
  expect(ended.body).toMatchObject({ status: 'max_attempts_reached', attemptsLeft: 0 });
});

test('T02 200 parallel guesses at an enrolment get five answers', async () => {
  const user = await panel.user();
  const device = await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
  const { secret } = device.body.totp;
  const path = `/v1/devices/${device.body.id}/verify`;
  const guesses = wrongCodes(secret, 150);
  const answers = await inParallel(200, (index) => panel.call('POST', path, { code: guesses[index] ?? totp(secret) }));
  expect(tally(answers)).toEqual({ '422 code_invalid': 5, '429 locked': 195 });
  expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(1);
});

test('T30 guesses at the recovery codes are counted, and keep nobody out', async () => {
  const user = await panel.totpUser();
  const challenges = await inParallel(50, () => panel.challenge(user), 16);
  const answers = await inParallel(200, (index) => {
    const recoveryCode = `0000-0000-0000-${String(index).padStart(4, '0')}`;
    return panel.call('POST', `/v1/challenges/${challenges[index % 50]}/verify`, { recoveryCode });
  });
  // Eighty random bits need no lock; one would lock the owner out of the last way in.
  expect(tally(answers)).toEqual({ '422 recovery_code_invalid': 200 });
  const [pool] = await panel.sql<{ wrong: number }>(
    `select p.wrong_codes as wrong from recovery_pool p join device d on d.user_id = p.user_id where d.id = $1`,
    [user.deviceId],
  );
  expect(pool?.wrong).toBe(200);
  const recovery = await panel.challenge(user);
  const used = await panel.call('POST', `/v1/challenges/${recovery}/verify`, { recoveryCode: user.recoveryCodes[0] });
  expect(used.status).toBe(200);
  expect(await countersOf(panel, user.deviceId)).toMatchObject({ wrongCodes: 0, lockedUntil: null });
  // The device goes on working.
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const login = await panel.call('POST', `/v1/challenges/${challenges[49]}/verify`, { code: totp(user.secret) });
  expect(login.status).toBe(200);
});

/** Guesses that have all been looked at before the first of them is charged: the database alone has to count them. */
describe('T02 twenty guesses looked at before the first is charged', () => {
  test('T02 at a device, over twenty challenges', async () => {
    const user = await panel.totpUser();
    const challenges = await inParallel(20, () => panel.challenge(user), 16);
    const guesses = wrongCodes(user.secret, 20);
    const answers = await raceBehind(
      panel,
      { text: 'select from device where id = $1 for update', values: [user.deviceId] },
      {
        waiting: 20,
        start: () =>
          challenges.map((id, index) => panel.call('POST', `/v1/challenges/${id}/verify`, { code: guesses[index] })),
      },
    );
    expect(tally(answers)).toEqual({ '422 code_invalid': 5, '429 locked': 15 });
    expect(await countersOf(panel, user.deviceId)).toMatchObject({ wrongCodes: 5 });
    expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(1);
  });

  test('T02 at one challenge', async () => {
    const user = await panel.totpUser();
    const id = await panel.challenge(user);
    const guesses = wrongCodes(user.secret, 20);
    const answers = await raceBehind(
      panel,
      { text: 'select from challenge where id = $1 for update', values: [id] },
      {
        waiting: 20,
        start: () => guesses.map((code) => panel.call('POST', `/v1/challenges/${id}/verify`, { code })),
      },
    );
    expect(told(answers)).toBe(5);
    expect((await panel.call('GET', `/v1/challenges/${id}`)).body).toMatchObject({ attemptsLeft: 0 });
  });

  test('T02 at one challenge that ends before the device locks', async () => {
    const user = await panel.totpUser();
    await panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, { challenge: { maxChecks: 3 } });
    const id = await panel.challenge(user);
    const guesses = wrongCodes(user.secret, 20);
    const answers = await raceBehind(
      panel,
      { text: 'select from challenge where id = $1 for update', values: [id] },
      {
        waiting: 20,
        start: () => guesses.map((code) => panel.call('POST', `/v1/challenges/${id}/verify`, { code })),
      },
    );
    expect(tally(answers)).toEqual({ '422 code_invalid': 3, '409 challenge_not_pending': 17 });
    expect((await panel.call('GET', `/v1/challenges/${id}`)).body).toMatchObject({
      status: 'max_attempts_reached',
      attemptsLeft: 0,
    });
    // The device is charged for what was answered, and no more.
    expect(await countersOf(panel, user.deviceId)).toMatchObject({ wrongCodes: 3, lockedUntil: null });
  });

  test('T02 at an enrolment', async () => {
    const user = await panel.user();
    const device = await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    const guesses = wrongCodes(device.body.totp.secret, 20);
    const answers = await raceBehind(
      panel,
      { text: 'select from device where id = $1 for update', values: [device.body.id] },
      {
        waiting: 20,
        start: () => guesses.map((code) => panel.call('POST', `/v1/devices/${device.body.id}/verify`, { code })),
      },
    );
    expect(tally(answers)).toEqual({ '422 code_invalid': 5, '429 locked': 15 });
    expect(await countersOf(panel, device.body.id)).toMatchObject({ wrongCodes: 5 });
  });
});
