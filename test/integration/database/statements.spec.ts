import { describe, expect, test } from '@jest/globals';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { allowTrust, api, call, panel, seen, smsUser, statementsOf } from '../../support/counted-statements.js';
import { callsOfUsers } from '../../support/calls-of-users.js';
import { callsOfChallenges } from '../../support/calls-of-challenges.js';
import { callsOfTheLog } from '../../support/calls-of-the-log.js';
import { callsOfReceipts } from '../../support/calls-of-receipts.js';
import { callsOfWebhooks } from '../../support/calls-of-webhooks.js';
import { lookUp } from '../../support/statements-of.js';

const table = { ...callsOfUsers, ...callsOfChallenges, ...callsOfTheLog, ...callsOfWebhooks, ...callsOfReceipts };

describe('round trips to the database', () => {
  test('are counted for every call of the API, and none takes more than three, or four about webhooks', () => {
    expect(Object.keys(table).toSorted()).toEqual(api.operations.map(({ key }) => key).toSorted());
    // An administrator who changes a webhook waits for a lock and a change in a transaction.
    const bound = (key: string) => (key.includes('/v1/webhooks') ? 4 : 3);
    for (const [key, list] of Object.entries(table)) {
      for (const row of list) expect({ key, within: row.most <= bound(key) }).toEqual({ key, within: true });
    }
  });

  const rows = Object.entries(table).flatMap(([key, list]) => list.map((row) => ({ key, what: '', ...row })));
  test.each(rows)('$key $what: $most', async ({ key, most, make }) => {
    const [status, method, path, body, headers] = await make();
    expect(api.find(method, path)?.key).toBe(key);
    const statements = await statementsOf(status, method, path, body, headers);
    // Exactly: a row that allows more than is needed would hide the next one.
    expect({ statements, count: statements.length }).toEqual({ statements, count: most });
  });

  test('of a verify are one to read and one to charge, without a transaction around them', async () => {
    const user = await panel.totpUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const wrong = await statementsOf(422, 'POST', path, { code: wrongTotp(user.secret) });
    expect(wrong).toEqual(['challenge.verify-read', 'challenge.verify-charge']);
    const right = await statementsOf(200, 'POST', path, { code: totp(user.secret) });
    expect(right).toEqual(['challenge.verify-read', 'challenge.totp-approve']);

    const other = await panel.totpUser();
    await allowTrust(other);
    const body = { code: totp(other.secret), rememberBrowser: true };
    expect(await statementsOf(200, 'POST', `/v1/challenges/${await panel.challenge(other)}/verify`, body)).toEqual([
      'challenge.verify-read',
      'challenge.totp-approve-and-remember',
    ]);
  });

  test('of a call whose API key is not known yet are one more', async () => {
    const authorization = `Bearer ${await panel.key(['accounts'])}`;
    seen.length = 0;
    expect((await call('GET', '/v1/policy', undefined, { authorization })).status).toBe(200);
    expect(seen).toEqual([lookUp, 'policy.find']);
    for (let calls = 0; calls < 10; calls += 1) await call('GET', '/v1/policy', undefined, { authorization });
    // Once more where the ten take longer than it is believed.
    expect(seen.filter((name) => name === lookUp).length).toBeLessThan(5);
  });

  test('of a call with an Idempotency-Key are five more at the first time, and a retry does no work', async () => {
    const { accountId, userId } = await smsUser();
    const make = () =>
      statementsOf(201, 'POST', '/v1/challenges', { accountId, userId }, { 'idempotency-key': 'counted' });
    expect(await make()).toEqual([
      'begin',
      'idempotency.claim',
      'idempotency.read',
      'challenge.create-read',
      'challenge.create-and-send',
      'idempotency.store',
      'commit',
    ]);
    expect(await make()).toEqual(['begin', 'idempotency.claim', 'idempotency.read']);
  });

  test('are prepared once per connection, where a login or an attack makes many of them', async () => {
    const prepared = await panel.sql<{ name: string }>('select name from pg_prepared_statements');
    expect(prepared.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'authenticate-api-key',
        'challenge.create-read',
        'challenge.create',
        'challenge.create-and-send',
        'challenge.send-read',
        'challenge.send',
        'challenge.verify-read',
        'challenge.verify-charge',
        'challenge.totp-approve',
        'challenge.sent-code-approve',
        'challenge.recover-read',
        'challenge.recover-charge',
        'device.verify-read',
        'device.verify-charge',
        'idempotency.claim',
        'idempotency.read',
        'idempotency.store',
      ]),
    );
  });
});
