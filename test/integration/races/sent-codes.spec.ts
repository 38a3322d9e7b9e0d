import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { inParallel, tally } from '../../support/parallel.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 24 });
});
afterAll(() => panel.stop());

let numbers = 0;

async function smsUser(): Promise<TestUser & { deviceId: string }> {
  const user = await panel.user();
  numbers += 1;
  const body = { method: 'sms', name: 'Phone', phone: `+316123402${String(numbers).padStart(2, '0')}` };
  const { id } = (await panel.call('POST', `${user.path}/devices`, body)).body;
  await panel.call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
  return { ...user, deviceId: id };
}

async function expireIn(challenge: string, interval: string): Promise<void> {
  await panel.sql('update code set expires_at = clock_timestamp() + $2::interval where subject_id = $1', [
    challenge,
    interval,
  ]);
}

test('T06 an SMS code is accepted in its last second', async () => {
  const user = await smsUser();
  // On a machine that stalls for a second the code may die on the way, as it should: try again.
  for (let tries = 0; tries < 5; tries += 1) {
    const challenge = await panel.challenge(user);
    const code = await panel.sentCode(user.deviceId);
    await expireIn(challenge, '1 second');
    const answer = await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code });
    if (answer.status === 200) return;
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_expired' } });
  }
  throw new Error('No code was accepted in its last second.');
});

test('T06 an SMS code is refused from its expiry on', async () => {
  const user = await smsUser();
  const challenge = await panel.challenge(user);
  const code = await panel.sentCode(user.deviceId);
  await expireIn(challenge, '0 seconds');
  const answer = await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code });
  expect(answer).toMatchObject({ status: 422, body: { code: 'code_expired', attemptsLeft: 4 } });
});

test('T06 a code is bound to its challenge', async () => {
  const user = await smsUser();
  const first = await panel.challenge(user);
  const old = await panel.sentCode(user.deviceId);
  let second: string;
  // One pair in a million has the same digits.
  do second = await panel.challenge(user);
  while ((await panel.sentCode(user.deviceId)) === old);
  const refused = await panel.call('POST', `/v1/challenges/${second}/verify`, { code: old });
  expect(refused).toMatchObject({ status: 422, body: { code: 'code_invalid' } });
  // The first challenge is still open, and its code still good.
  expect((await panel.call('POST', `/v1/challenges/${first}/verify`, { code: old })).status).toBe(200);
});

test('T06 a right code in 200 parallel checks is accepted once', async () => {
  const user = await smsUser();
  const challenge = await panel.challenge(user);
  const code = await panel.sentCode(user.deviceId);
  const answers = await inParallel(200, () => panel.call('POST', `/v1/challenges/${challenge}/verify`, { code }), 200);
  expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 199 });
  const [row] = await panel.sql('select consumed_at is not null as consumed from code where subject_id = $1', [
    challenge,
  ]);
  expect(row).toEqual({ consumed: true });
});

test('T06 a used code is refused even where its challenge could still be checked', async () => {
  const user = await smsUser();
  const challenge = await panel.challenge(user);
  const code = await panel.sentCode(user.deviceId);
  await panel.sql('update code set consumed_at = now() where subject_id = $1', [challenge]);
  const answers = await inParallel(20, () => panel.call('POST', `/v1/challenges/${challenge}/verify`, { code }), 20);
  const counts = tally(answers);
  expect(counts['200']).toBeUndefined();
  expect(counts['422 code_already_used']).toBe(5);
});
