import { describe, expect, test } from '@jest/globals';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';
import { added, call, freshKey, panel, sms, smsUser } from '../../support/idempotent-calls.js';

describe('T27: one key, 50 times in parallel', () => {
  const fifty = (one: () => Promise<Answer>) => Promise.all(Array.from({ length: 50 }, one));

  /** Each got the one answer, or heard that it is being made. */
  async function expectOneAnswer(answers: readonly Answer[], status: number, again: () => Promise<Answer>) {
    const done = answers.filter((answer) => answer.status === status);
    const busy = answers.filter((answer) => answer.status === 409);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length + busy.length).toBe(50);
    for (const answer of busy) expect(answer.body.code).toBe('idempotency_in_progress');
    const last = await again();
    expect(last.status).toBe(status);
    for (const answer of done) expect(answer.body).toEqual(last.body);
  }

  test('adds one phone and sends one SMS', async () => {
    const user = await panel.user();
    const [key, body] = [freshKey(), sms()];
    const enrol = () => call('POST', `${user.path}/devices`, body, key);
    const tables = ['device', 'delivery', 'outbox', 'code', 'event', 'idempotent_answer'];
    const { result, rows } = await added(tables, () => fifty(enrol));
    expect(rows).toEqual({ device: 1, delivery: 1, outbox: 1, code: 1, event: 2, idempotent_answer: 1 });
    await expectOneAnswer(result, 201, enrol);
    expect((await enrol()).body.send.quota.used).toBe(1);
  });

  test('opens one challenge and sends its code once', async () => {
    const { accountId, userId } = await smsUser();
    const key = freshKey();
    const open = () => call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' }, key);
    const { result, rows } = await added(['challenge', 'delivery', 'outbox'], () => fifty(open));
    expect(rows).toEqual({ challenge: 1, delivery: 1, outbox: 1 });
    await expectOneAnswer(result, 201, open);
  });

  test('charges one wrong code', async () => {
    const user = await panel.totpUser();
    const [key, body] = [freshKey(), { code: wrongTotp(user.secret) }];
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const { result } = await added([], () => fifty(() => call('POST', path, body, key)));
    await expectOneAnswer(result, 422, () => call('POST', path, body, key));
    expect(await panel.sql('select wrong_codes as n from device where id = $1', [user.deviceId])).toEqual([{ n: 1 }]);
  });
});

describe('a key', () => {
  test('with another body is refused, and nothing is done', async () => {
    const user = await panel.user();
    const key = freshKey();
    const first = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'One' }, key);
    const before = await readRows(panel);
    for (const body of [{ method: 'totp', name: 'Two' }, { method: 'totp' }, {}]) {
      const answer = await call('POST', `${user.path}/devices`, body, key);
      expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
    expect(await readRows(panel)).toEqual(before);
    expect((await call('POST', `${user.path}/devices`, { method: 'totp', name: 'One' }, key)).body).toEqual(first.body);
  });

  test('with another proof is refused, and nothing is done; its own gets its answer again', async () => {
    const user = await panel.totpUser();
    const key = freshKey();
    const [first, second] = [await panel.proof(user, 'add_device'), await panel.proof(user, 'add_device')];
    const add = (proof?: string) =>
      call(
        'POST',
        `${user.path}/devices`,
        { method: 'totp', name: 'App' },
        { ...key, ...(proof && { 'sallyport-proof': proof }) },
      );
    const made = await add(first);
    expect(made.status).toBe(201);
    const before = await readRows(panel);
    for (const proof of [second, undefined]) {
      expect(await add(proof)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
    expect(await readRows(panel)).toEqual(before);
    expect((await add(first)).body).toEqual(made.body);
  });

  test('marks an answer that is given again, and no other', async () => {
    const key = freshKey();
    const put = (name: string) => call('PUT', '/v1/accounts/marked', { name }, key);
    const marks = [await put('Name'), await put('Name'), await put('Other')].map(({ headers }) =>
      headers.get('idempotent-replayed'),
    );
    expect(marks).toEqual([null, 'true', null]);
  });

  test('counts for one API key, one method and one path', async () => {
    const key = freshKey();
    const body = { name: 'Name' };
    const { rows } = await added(['idempotent_answer', 'account'], async () => {
      expect((await call('PUT', '/v1/accounts/keyed-1', body, key)).status).toBe(200);
      expect((await call('PUT', '/v1/accounts/keyed-2', body, key)).status).toBe(200);
      const authorization = `Bearer ${await panel.key(['accounts'])}`;
      expect((await call('PUT', '/v1/accounts/keyed-1', body, { ...key, authorization })).status).toBe(200);
      expect((await call('DELETE', '/v1/accounts/keyed-1/policy', undefined, key)).status).toBe(200);
      expect((await call('PUT', '/v1/accounts/keyed-1/policy', {}, key)).status).toBe(200);
      const other = await panel.tenant();
      expect((await other.call('PUT', '/v1/accounts/keyed-1', body, key)).status).toBe(200);
    });
    expect(rows).toEqual({ idempotent_answer: 6, account: 3 });
  });

  test('is not looked at before authorisation', async () => {
    const key = freshKey();
    const { rows } = await added(['idempotent_answer'], async () => {
      expect((await call('PUT', '/v1/policy', {}, { ...key, authorization: 'Bearer sp_unknown' })).status).toBe(401);
      const authorization = `Bearer ${await panel.key(['accounts'])}`;
      expect((await call('PUT', '/v1/policy', {}, { ...key, authorization })).status).toBe(403);
    });
    expect(rows).toEqual({ idempotent_answer: 0 });
  });

  test('of a revoked API key opens no stored answer', async () => {
    const created = await call('POST', '/v1/api-keys', { name: 'short', scopes: ['accounts'] });
    const headers = { ...freshKey(), authorization: `Bearer ${created.body.key}` };
    expect((await call('PUT', '/v1/accounts/revoked', {}, headers)).status).toBe(200);
    expect((await call('DELETE', `/v1/api-keys/${created.body.id}`)).status).toBe(204);
    expect((await call('PUT', '/v1/accounts/revoked', {}, headers)).status).toBe(401);
  });

  test('means nothing to what only reads', async () => {
    const key = freshKey();
    const { rows } = await added(['idempotent_answer'], async () => {
      expect((await call('GET', '/v1/accounts', undefined, key)).status).toBe(200);
      expect((await call('GET', '/v1/policy', undefined, key)).status).toBe(200);
    });
    expect(rows).toEqual({ idempotent_answer: 0 });
  });

  test('repeats every kind of answer as it was', async () => {
    const user = await panel.totpUser();
    const challengeId = await panel.challenge(user);
    const refused = { code: wrongTotp(user.secret) };
    const erased = await panel.user();
    const calls: [number, string, string, unknown?][] = [
      [200, 'PUT', '/v1/accounts/repeated', { name: 'Name' }],
      [201, 'POST', '/v1/api-keys', { name: 'Name', scopes: ['audit'] }],
      [204, 'DELETE', erased.path],
      [400, 'POST', '/v1/challenges', {}],
      [404, 'DELETE', '/v1/devices/dev_unknown'],
      [422, 'POST', `/v1/challenges/${challengeId}/verify`, refused],
    ];
    for (const [status, method, path, body] of calls) {
      const key = freshKey();
      const first = await call(method, path, body, key);
      const before = await readRows(panel);
      const second = await call(method, path, body, key);
      expect(await readRows(panel)).toEqual(before);
      expect([first.status, second.status]).toEqual([status, status]);
      expect(second.body).toEqual(first.body);
      expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
      expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    }
  });
});

describe('what a call charged', () => {
  test('stays charged, and is not charged again by a retry', async () => {
    const user = await panel.totpUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const body = { code: wrongTotp(user.secret) };
    const key = freshKey();
    for (let retry = 0; retry < 3; retry += 1) {
      expect(await call('POST', path, body, key)).toMatchObject({
        status: 422,
        body: { code: 'code_invalid', attemptsLeft: 4 },
      });
    }
    expect(await call('POST', path, body, freshKey())).toMatchObject({ body: { attemptsLeft: 3 } });
    // As long as right codes are answered from the store, a used step is no hurdle.
    const right = { code: totp(user.secret) };
    const approved = freshKey();
    const first = await call('POST', path, right, approved);
    expect(first.status).toBe(200);
    expect((await call('POST', path, right, approved)).body).toEqual(first.body);
    expect(await call('POST', path, right)).toMatchObject({ status: 409, body: { code: 'challenge_not_pending' } });
  });

  test('takes a proof once', async () => {
    const user = await panel.totpUser();
    const headers = { ...freshKey(), 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
    const first = await call('POST', `${user.path}/recovery-codes`, undefined, headers);
    expect(first.status).toBe(201);
    expect((await call('POST', `${user.path}/recovery-codes`, undefined, headers)).body).toEqual(first.body);
    expect(await call('POST', `${user.path}/recovery-codes`, undefined, { ...headers, ...freshKey() })).toMatchObject({
      status: 422,
      body: { code: 'proof_invalid' },
    });
  });
});
