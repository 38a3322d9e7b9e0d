import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, processBounds, sql, statement } from '#persistence';
import { limitsFor } from '../../../apps/gateway/src/http/admission-limits.js';
import { hold } from '../../support/hold.js';
import { startPanel, totp, wrongTotp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import { countersOf, tally } from '../../support/parallel.js';

const lockDevice = statement<object, { id: string }>(
  'test.lock-device',
  ($) => sql`select id from device where id = ${$.id} for update`,
);
const showSettings = statement<{ name: string; setting: string }>(
  'test.session-settings',
  sql`select name, setting from pg_settings where name in
     ('lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout', 'tcp_keepalives_idle') order by name`,
);

let panel: TestPanel;
let held: EnrolledTotp;
let others: EnrolledTotp[];
beforeAll(async () => {
  panel = await startPanel({ poolSize: 16, bounds: processBounds, ofUser: limitsFor(16).ofUser });
  held = await panel.totpUser();
  others = [];
  for (let count = 0; count < 8; count += 1) others.push(await panel.totpUser());
});
afterAll(() => panel.stop());

const begin = ({ accountId, userId }: EnrolledTotp) => panel.call('POST', '/v1/challenges', { accountId, userId });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('while somebody holds the rows of one user', () => {
  const kinds: [string, (challenges: string[]) => ReturnType<typeof begin>[]][] = [
    [
      'codes for twenty challenges',
      (ids) => ids.map((id) => panel.call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(held.secret) })),
    ],
    [
      'codes for twenty challenges, each under an idempotency key',
      (ids) =>
        ids.map((id) =>
          panel.call(
            'POST',
            `/v1/challenges/${id}/verify`,
            { code: wrongTotp(held.secret) },
            { 'idempotency-key': `held-${id}` },
          ),
        ),
    ],
    [
      'new names for the device',
      () => many(20, (index) => panel.call('PATCH', `/v1/devices/${held.deviceId}`, { name: `${index}` })),
    ],
    ['lockouts to be lifted', () => many(20, () => panel.call('DELETE', `${held.path}/lockouts`))],
  ];

  test.each(kinds)('%s keep nobody else waiting, and nothing is charged', async (_, start) => {
    const challenges = await Promise.all(many(20, () => panel.challenge(held)));
    const before = await countersOf(panel, held.deviceId);
    const holder = await hold(
      panel.databaseUrl,
      `select from app_user u join device d on d.user_id = u.id where d.id = $1 for update`,
      [held.deviceId],
    );
    try {
      const stuck = start(challenges);
      await holder.waiting(1);
      // All that may come by then has come.
      await sleep(300);
      expect(await holder.count()).toBeLessThanOrEqual(limitsFor(16).ofUser);
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(others.map(begin));
        expect(tally(answers)).toEqual({ 201: others.length });
        const lists = await Promise.all(many(4, () => panel.call('GET', '/v1/accounts')));
        expect(tally(lists)).toEqual({ 200: 4 });
      }
      const answers = await Promise.all(stuck);
      expect(tally(answers)).toEqual({ '503 unavailable': 20 });
      const told = answers.filter(({ body }) => body.retryAfter === 1 && body.detail.includes('Nothing was'));
      expect(told.length).toBeGreaterThan(0);
    } finally {
      await holder.release();
    }
    expect(await countersOf(panel, held.deviceId)).toEqual(before);
    const id = await panel.challenge(held);
    const right = await panel.call('POST', `/v1/challenges/${id}/verify`, { code: totp(held.secret) });
    expect([200, 422]).toContain(right.status);
  });
});

test('a process that is frozen in the middle of a transaction loses it, and others get the rows', async () => {
  const frozen = Database.open({
    url: panel.databaseUrl,
    poolSize: 1,
    onError: () => undefined,
    bounds: processBounds,
  });
  const [user] = others as [EnrolledTotp];
  const id = await panel.challenge(user);
  try {
    let thawed = () => {};
    const thaw = new Promise<void>((resolve) => (thawed = resolve));
    let locked = () => {};
    const hasLocked = new Promise<void>((resolve) => (locked = resolve));
    const transaction = frozen.transaction(async () => {
      await frozen.query(lockDevice, { id: user.deviceId });
      locked();
      await thaw;
      await frozen.query(lockDevice, { id: user.deviceId });
    });
    const lost = expect(transaction).rejects.toThrow(/terminat|not queryable|closed/);
    await hasLocked;
    const answers: number[] = [];
    for (let left = 100; answers.at(-1) !== 422 && left > 0; left -= 1) {
      answers.push((await panel.call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) })).status);
      await sleep(100);
    }
    expect([...new Set(answers)]).toEqual([503, 422]);
    thawed();
    await lost;
    // The pool has a sound connection again.
    expect(await frozen.query(lockDevice, { id: user.deviceId })).toHaveLength(1);
  } finally {
    await frozen.close();
  }
});

test('every connection of a process is bounded', async () => {
  expect(await panel.database.query(showSettings)).toEqual([
    { name: 'idle_in_transaction_session_timeout', setting: '5000' },
    { name: 'lock_timeout', setting: '2000' },
    { name: 'statement_timeout', setting: '30000' },
    { name: 'tcp_keepalives_idle', setting: '10' },
  ]);
});
