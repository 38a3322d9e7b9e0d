import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPanel, totp, type TestPanel } from '../../support/gateway-harness.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

test('a user enrols an app, logs in with it, and the same code is refused', async () => {
  const user = await panel.totpUser();
  expect(user.recoveryCodes).toHaveLength(10);
  const code = totp(user.secret);
  const first = await panel.challenge(user);
  const approved = await panel.call('POST', `/v1/challenges/${first}/verify`, { code });
  expect(approved).toMatchObject({ status: 200, body: { status: 'approved', proof: expect.any(String) } });
  const second = await panel.challenge(user);
  const refused = await panel.call('POST', `/v1/challenges/${second}/verify`, { code });
  expect(refused).toMatchObject({ status: 422, body: { code: 'code_already_used', attemptsLeft: 4 } });
});
