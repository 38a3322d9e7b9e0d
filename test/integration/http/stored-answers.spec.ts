import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';
import { added, call, freshKey, panel, sms, smsUser } from '../../support/idempotent-calls.js';

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
