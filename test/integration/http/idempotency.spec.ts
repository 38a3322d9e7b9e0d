import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, wrongTotp, type Call, type TestPanel } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => panel.stop());

let keys = 0;
const freshKey = () => ({ 'idempotency-key': `key-${(keys += 1)}` });
let numbers = 0;
const sms = () => ({ method: 'sms', name: 'Phone', phone: `+316${String(22_000_000 + (numbers += 1))}` });

async function count(table: string): Promise<number> {
  const [row] = await panel.sql<{ n: number }>(`select count(*)::int as n from ${table}`);
  return row?.n ?? 0;
}

/** Rows that came while something was done. */
async function added<T>(
  tables: readonly string[],
  work: () => Promise<T>,
): Promise<{ result: T; rows: Record<string, number> }> {
  const before = await Promise.all(tables.map(count));
  const result = await work();
  const after = await Promise.all(tables.map(count));
  return {
    result,
    rows: Object.fromEntries(tables.map((table, index) => [table, (after[index] ?? 0) - (before[index] ?? 0)])),
  };
}

async function smsUser(): Promise<{ accountId: string; userId: string; path: string; deviceId: string }> {
  const user = await panel.user();
  const { id } = (await call('POST', `${user.path}/devices`, sms())).body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return { ...user, deviceId: id };
}

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

describe('an answer that may be another one later is not stored', () => {
  test('409', async () => {
    const user = await panel.user();
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const key = freshKey();
    const prefer = () => call('PATCH', `/v1/devices/${device.id}`, { isDefault: true }, key);
    expect(await prefer()).toMatchObject({ status: 409, body: { code: 'device_not_verified' } });
    await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    expect(await prefer()).toMatchObject({ status: 200 });
  });

  test('429, and what it charged not either', async () => {
    const user = await smsUser();
    const id = await panel.challenge(user);
    const key = freshKey();
    const resend = () => call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId }, key);
    const { rows } = await added(['delivery'], async () => {
      expect(await resend()).toMatchObject({ status: 429, body: { code: 'resend_too_soon' } });
      await panel.passMinute();
      const sent = await resend();
      expect(sent.status).toBe(202);
      expect((await resend()).body).toEqual(sent.body);
    });
    expect(rows).toEqual({ delivery: 1 });
  });

  test('503', async () => {
    const user = await panel.totpUser();
    const id = await panel.challenge(user);
    const key = freshKey();
    const code = totp(user.secret);
    const verify = () => call('POST', `/v1/challenges/${id}/verify`, { code }, key);
    const now = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 60_000);
    expect(await verify()).toMatchObject({ status: 503 });
    clock.mockRestore();
    expect(await verify()).toMatchObject({ status: 200 });
  });
});

describe('T27: after a crash', () => {
  beforeAll(async () => {
    await panel.sql(
      `create function crash() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`,
    );
  });

  /** The last moment at which a transaction can fail: when it commits, its work and its answer written. */
  async function whileCommitsFail<T>(table: string, work: () => Promise<T>): Promise<T> {
    await panel.sql(
      `create constraint trigger crash after insert or update on ${table}
       deferrable initially deferred for each row execute function crash()`,
    );
    try {
      return await work();
    } finally {
      await panel.sql(`drop trigger crash on ${table}`);
    }
  }

  test('at the commit, a retry does the work: once', async () => {
    const user = await panel.user();
    const [key, body] = [freshKey(), sms()];
    const enrol = () => call('POST', `${user.path}/devices`, body, key);
    const before = await readRows(panel);
    const failed = await whileCommitsFail('delivery', enrol);
    expect(failed).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(failed.body).not.toHaveProperty('id');
    expect(await readRows(panel)).toEqual(before);
    const { result, rows } = await added(['device', 'delivery', 'idempotent_answer'], enrol);
    expect(result.status).toBe(201);
    expect((await enrol()).body).toEqual(result.body);
    expect(rows).toEqual({ device: 1, delivery: 1, idempotent_answer: 1 });
  });

  test('of the stored answer alone, the work is undone with it', async () => {
    const user = await panel.user();
    const key = freshKey();
    const before = await readRows(panel);
    const rename = () => call('PUT', user.path, { displayName: 'Name' }, key);
    expect(await whileCommitsFail('idempotent_answer', rename)).toMatchObject({ status: 503 });
    expect(await readRows(panel)).toEqual(before);
    expect(await rename()).toMatchObject({ status: 200, body: { displayName: 'Name' } });
  });

  test('of a wrong code, the charge is made by the retry', async () => {
    const user = await panel.totpUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const [key, body] = [freshKey(), { code: wrongTotp(user.secret) }];
    const guess = () => call('POST', path, body, key);
    const failed = await whileCommitsFail('device', guess);
    expect(failed.status).toBe(503);
    // Neither right nor wrong has been said.
    expect(failed.body).not.toHaveProperty('attemptsLeft');
    expect(await guess()).toMatchObject({ status: 422, body: { attemptsLeft: 4 } });
    expect(await guess()).toMatchObject({ status: 422, body: { attemptsLeft: 4 } });
  });
});

describe('a stored answer', () => {
  /** The one row that a call stored. */
  async function storedBy(work: () => Promise<Answer>): Promise<{ answer: Answer; seconds: number; bytes: Buffer }> {
    await panel.sql('truncate idempotent_answer');
    const answer = await work();
    const rows = await panel.sql<{ seconds: string; row: Buffer }>(
      `select extract(epoch from expires_at - now()) as seconds, answer_sealed || body_hash || key as row from idempotent_answer`,
    );
    const [row] = rows;
    if (!row || rows.length > 1) throw new Error(`${rows.length} answers were stored.`);
    return { answer, seconds: Number(row.seconds), bytes: row.row };
  }

  function expectSealed(bytes: Buffer, secrets: readonly string[]): void {
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(5);
      for (const form of [
        secret,
        secret.toLowerCase(),
        Buffer.from(secret).toString('base64').slice(0, -4),
        Buffer.from(secret).toString('hex'),
      ]) {
        expect(bytes.includes(form)).toBe(false);
      }
    }
  }

  const day = 86_400;
  const tenMinutes = 600;
  const within = (seconds: number, most: number) => {
    expect(seconds).toBeLessThanOrEqual(most);
    expect(seconds).toBeGreaterThan(most - 60);
  };

  test('with a secret is sealed, and kept for ten minutes', async () => {
    const user = await panel.user();
    const enrolled = await storedBy(() =>
      call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' }, freshKey()),
    );
    const device = enrolled.answer.body;
    within(enrolled.seconds, tenMinutes);
    expectSealed(enrolled.bytes, [device.totp.secret, device.totp.uri, device.id]);

    const code = totp(device.totp.secret);
    const verified = await storedBy(() => call('POST', `/v1/devices/${device.id}/verify`, { code }, freshKey()));
    within(verified.seconds, tenMinutes);
    expectSealed(verified.bytes, verified.answer.body.recoveryCodes);

    const owner = { ...user, deviceId: device.id, secret: device.totp.secret, recoveryCodes: [] };
    const proof = { 'sallyport-proof': await panel.proof(owner, 'regenerate_recovery_codes') };
    const codes = await storedBy(() =>
      call('POST', `${user.path}/recovery-codes`, undefined, { ...freshKey(), ...proof }),
    );
    within(codes.seconds, tenMinutes);
    expectSealed(codes.bytes, codes.answer.body.recoveryCodes);

    const key = await storedBy(() => call('POST', '/v1/api-keys', { name: 'Name', scopes: ['audit'] }, freshKey()));
    within(key.seconds, tenMinutes);
    expectSealed(key.bytes, [key.answer.body.key]);

    const id = await panel.challenge(user);
    const recoveryCode = codes.answer.body.recoveryCodes[0];
    const approved = await storedBy(() => call('POST', `/v1/challenges/${id}/verify`, { recoveryCode }, freshKey()));
    within(approved.seconds, tenMinutes);
    expectSealed(approved.bytes, [approved.answer.body.proof, recoveryCode]);
  });

  test('without one is kept for a day, and sealed too', async () => {
    const user = await panel.user();
    const profile = { displayName: 'Somebody Known', email: 'somebody@panel.example', phone: '+31612345678' };
    const written = await storedBy(() => call('PUT', user.path, profile, freshKey()));
    within(written.seconds, day);
    expectSealed(written.bytes, Object.values(profile));
    const { accountId, userId } = user;
    within((await storedBy(() => call('POST', '/v1/challenges', { accountId, userId }, freshKey()))).seconds, day);
    within((await storedBy(() => call('POST', '/v1/challenges', {}, freshKey()))).seconds, day);
  });

  test('does not open in the row of another key', async () => {
    const [one, two] = [freshKey(), freshKey()];
    await panel.sql('truncate idempotent_answer');
    await call('PUT', '/v1/accounts/moved', { name: 'One' }, one);
    await call('PUT', '/v1/accounts/moved', { name: 'Two' }, two);
    await panel.sql(
      `update idempotent_answer a set answer_sealed = b.answer_sealed from idempotent_answer b where a.key <> b.key`,
    );
    expect(await call('PUT', '/v1/accounts/moved', { name: 'One' }, one)).toMatchObject({ status: 503 });
  });

  test('is gone when its time is over: the call is made again', async () => {
    const key = freshKey();
    const create = () => call('POST', '/v1/api-keys', { name: 'Name', scopes: ['audit'] }, key);
    const first = await create();
    await panel.sql('update idempotent_answer set expires_at = now()');
    const second = await create();
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
    expect((await create()).body).toEqual(second.body);
  });
});
