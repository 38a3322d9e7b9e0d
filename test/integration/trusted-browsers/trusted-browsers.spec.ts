import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { totp, wrongTotp, type EnrolledTotp } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import {
  addApp,
  call,
  decide,
  list,
  login,
  panel,
  revocations,
  setPolicy,
  trust,
  trustingUser,
} from '../../support/trusting-people.js';

const asked = { decision: 'challenge', reason: 'two_factor_on' };
const trusted = { decision: 'allow', reason: 'trusted_browser' };

describe('a trusted browser', () => {
  test('is offered by the challenge of a login, for as long as the policy says, and nowhere else', async () => {
    const days = async (user: EnrolledTotp, purpose: string) =>
      (await decide(user, { purpose })).challenge.trustedBrowserDays;
    const user = await trustingUser({ days: 7 });
    expect(await days(user, 'login')).toBe(7);
    expect(await days(user, 'disable')).toBeUndefined();
    await setPolicy(user, { trustedBrowser: { allowed: false } });
    expect(await days(user, 'login')).toBeUndefined();
  });

  test('is let in without a code, in a decision that writes nothing but that it was', async () => {
    const user = await trustingUser();
    const context = { ip: '192.0.2.7', userAgent: 'Browser/1.0 (of somebody)' };
    const { trustedBrowser } = await login(user, user, context);
    expect(trustedBrowser).toMatch(/^stb_[\w-]{43}$/);
    const { event: _, ...before } = await readRows(panel);
    expect(await decide(user, { trustedBrowser })).toEqual(trusted);
    expect(await decide(user, { trustedBrowser })).toEqual(trusted);
    expect(await readRows(panel)).toMatchObject(before);

    const [browser] = await list(user);
    const told = await panel.sql<{ data: object }>(
      `select data from event where user_id = $1 and type = 'login.allowed' order by id`,
      [user.userId],
    );
    const facts = { reason: 'trusted_browser', trustedBrowserId: browser.id, deviceId: user.deviceId };
    expect(told.map(({ data }) => data)).toEqual([expect.objectContaining(facts), expect.objectContaining(facts)]);
    const { createdAt, expiresAt } = browser;
    expect(browser).toEqual({
      id: expect.stringMatching(/^tbr_/),
      deviceId: user.deviceId,
      userAgent: context.userAgent,
      createdAt,
      expiresAt,
    });
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(30 * 86_400_000);
    const [added] = await panel.sql(`select data from event where type = 'trusted_browser.added' and user_id = $1`, [
      user.userId,
    ]);
    expect(added).toMatchObject({
      data: { trustedBrowserId: browser.id, deviceId: user.deviceId, challengeId: expect.stringMatching(/^chl_/) },
    });
  });

  test('is known by a hash; neither its token nor what it is called stands in the database', async () => {
    const user = await trustingUser();
    const { trustedBrowser } = await login(user, user, { userAgent: 'Navigator of Jane' });
    const [row] = await panel.sql<{ row: string; hash: Buffer }>(
      `select b::text as row, b.token_hash as hash from trusted_browser b join app_user u on u.id = b.user_id
       where u.external_id = $1`,
      [user.userId],
    );
    expect(row?.hash).toEqual(createHash('sha256').update(trustedBrowser).digest());
    const secret = Buffer.from(trustedBrowser.slice(4), 'base64url');
    expect(secret).toHaveLength(32);
    const hex = ['Navigator', trustedBrowser].map((text) => Buffer.from(text).toString('hex'));
    const needles = [trustedBrowser.slice(4), secret.toString('hex'), 'Navigator', ...hex];
    const texts = await panel.sql<{ text: string }>(
      `select b::text as text from trusted_browser b union all select c::text from challenge c
       union all select e::text from event e union all select o::text from outbox o`,
    );
    for (const { text } of texts) for (const needle of needles) expect(text).not.toContain(needle);
  });

  test.each([
    ['where the policy has none', {}, { trustedBrowser: { allowed: false } }],
    ['where nobody asked', { rememberBrowser: false }, { trustedBrowser: { allowed: true } }],
  ])('does not come about %s', async (_, more, policy) => {
    const user = await panel.totpUser();
    await setPolicy(user, policy);
    const body = await login(user, user, { userAgent: 'Browser' }, { rememberBrowser: true, ...more });
    expect(body).not.toHaveProperty('trustedBrowser');
    expect(await list(user)).toEqual([]);
    const kept = await panel.sql(
      'select from challenge where user_agent_sealed is not null and user_id in (select user_id from device where id = $1)',
      [user.deviceId],
    );
    expect(kept).toHaveLength(policy.trustedBrowser.allowed ? 1 : 0);
  });

  test('does not come about by a recovery code, a wrong code, or a purpose that is no login', async () => {
    const user = await trustingUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const wrong = await call('POST', path, { code: wrongTotp(user.secret), rememberBrowser: true });
    expect(wrong.status).toBe(422);
    expect(wrong.body).not.toHaveProperty('trustedBrowser');
    const recovered = await call('POST', path, { recoveryCode: user.recoveryCodes[0], rememberBrowser: true });
    expect(recovered.status).toBe(200);
    expect(recovered.body).not.toHaveProperty('trustedBrowser');
    for (const purpose of ['transaction', 'disable', 'add_device']) {
      const id = await panel.challenge(user, { purpose });
      await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
      const body = { code: totp(user.secret), rememberBrowser: true };
      const approved = await call('POST', `/v1/challenges/${id}/verify`, body);
      expect(approved.status).toBe(200);
      expect(approved.body).not.toHaveProperty('trustedBrowser');
    }
    expect(await list(user)).toEqual([]);
    expect(
      await panel.sql(`select from event where type = 'trusted_browser.added' and user_id = $1`, [user.userId]),
    ).toEqual([]);
  });

  test('of one user is nobody else’s, and opens nothing but logins', async () => {
    const user = await trustingUser();
    const trustedBrowser = await trust(user);
    const neighbour = await trustingUser();
    expect(await decide(neighbour, { trustedBrowser })).toMatchObject(asked);
    expect(await decide(user, { trustedBrowser, purpose: 'disable' })).toMatchObject({ reason: 'step_up' });
    expect(await decide(user, { trustedBrowser, purpose: 'api_login' })).toMatchObject({ reason: 'two_factor_user' });
    for (const other of ['', trustedBrowser.toUpperCase(), trustedBrowser.slice(0, -1), `${trustedBrowser}x`].slice(
      1,
    )) {
      expect(await decide(user, { trustedBrowser: other })).toMatchObject(asked);
    }
  });

  test('of one tenant is not another’s of the same ids', async () => {
    const user = await trustingUser();
    const trustedBrowser = await trust(user);
    const other = await panel.tenant();
    await other.call('PUT', `/v1/accounts/${user.accountId}`, {});
    await other.call('PUT', user.path, {});
    const device = (await other.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    await other.call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    await other.call('PUT', '/v1/policy', { trustedBrowser: { allowed: true } });
    const { accountId, userId } = user;
    const { body } = await other.call('POST', '/v1/challenges', { accountId, userId, trustedBrowser });
    expect(body).toMatchObject(asked);
  });

  test('is trusted as long as the policy said when it became so', async () => {
    const user = await trustingUser({ days: 7 });
    const trustedBrowser = await trust(user);
    const [browser] = await list(user);
    expect(Date.parse(browser.expiresAt) - Date.parse(browser.createdAt)).toBe(7 * 86_400_000);
    await panel.sql('update trusted_browser set expires_at = now() where id = $1', [browser.id]);
    expect(await decide(user, { trustedBrowser })).toMatchObject(asked);
    expect(await list(user)).toEqual([]);
    const there = () => panel.sql('select from trusted_browser where id = $1', [browser.id]);
    expect(await there()).toHaveLength(1);
    await purgeExpired(panel.database);
    expect(await there()).toHaveLength(0);
  });

  test('is not trusted while the policy has no trusted browsers', async () => {
    const user = await trustingUser();
    const trustedBrowser = await trust(user);
    await setPolicy(user, {});
    expect(await decide(user, { trustedBrowser })).toMatchObject(asked);
    await setPolicy(user, { trustedBrowser: { allowed: true } });
    expect(await decide(user, { trustedBrowser })).toEqual(trusted);
  });

  test('is let in while the device that approved it is locked, for that ends by itself', async () => {
    const user = await trustingUser();
    const trustedBrowser = await trust(user);
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    expect(await decide(user, { trustedBrowser })).toEqual(trusted);
  });

  test('and its token are remembered under an Idempotency-Key as one answer', async () => {
    const user = await trustingUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const body = { code: totp(user.secret), rememberBrowser: true };
    const once = () => call('POST', path, body, { 'idempotency-key': 'remember' });
    const [first, second] = [await once(), await once()];
    expect(second.body).toEqual(first.body);
    expect(await list(user)).toHaveLength(1);
    expect(await decide(user, { trustedBrowser: first.body.trustedBrowser })).toEqual(trusted);
  });
});

describe('trust ends', () => {
  test('for one browser, or for all', async () => {
    const user = await trustingUser();
    const [first, second, third] = [await trust(user), await trust(user), await trust(user)];
    const [third_, second_, first_] = await list(user);
    expect((await call('DELETE', `${user.path}/trusted-browsers/${second_.id}`)).status).toBe(204);
    expect((await call('DELETE', `${user.path}/trusted-browsers/${second_.id}`)).status).toBe(404);
    expect(await decide(user, { trustedBrowser: second })).toMatchObject(asked);
    for (const trustedBrowser of [first, third]) expect(await decide(user, { trustedBrowser })).toEqual(trusted);

    expect((await call('DELETE', `${user.path}/trusted-browsers`)).status).toBe(204);
    expect((await call('DELETE', `${user.path}/trusted-browsers`)).status).toBe(204);
    expect(await list(user)).toEqual([]);
    for (const trustedBrowser of [first, third]) expect(await decide(user, { trustedBrowser })).toMatchObject(asked);
    expect(await revocations(user)).toEqual([
      { trustedBrowserIds: [second_.id], reason: 'requested' },
      { trustedBrowserIds: [first_.id, third_.id], reason: 'requested' },
      { trustedBrowserIds: [], reason: 'requested' },
    ]);
    // One that becomes trusted afterwards is.
    expect(await decide(user, { trustedBrowser: await trust(user) })).toEqual(trusted);
  });

  test("not for another user's by one's own address", async () => {
    const user = await trustingUser();
    const trustedBrowser = await trust(user);
    const [browser] = await list(user);
    const neighbour = await trustingUser();
    expect((await call('DELETE', `${neighbour.path}/trusted-browsers/${browser.id}`)).status).toBe(404);
    expect((await call('DELETE', `${neighbour.path}/trusted-browsers`)).status).toBe(204);
    expect(await decide(user, { trustedBrowser })).toEqual(trusted);
  });

  test('with the device that approved it, and for no other', async () => {
    const user = await trustingUser();
    const second = await addApp(user);
    const [byFirst, bySecond] = [await trust(user), await trust(user, second)];
    const [gone] = await list(user);
    const proof = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
    expect((await call('DELETE', `/v1/devices/${second.deviceId}`, undefined, proof)).status).toBe(204);
    expect(await decide(user, { trustedBrowser: bySecond })).toMatchObject(asked);
    expect(await decide(user, { trustedBrowser: byFirst })).toEqual(trusted);
    expect(await list(user)).toMatchObject([{ deviceId: user.deviceId }]);
    expect(await revocations(user)).toEqual([{ trustedBrowserIds: [gone.id], reason: 'device_removed' }]);
  });

  test('with the fiftieth wrong code of that device', async () => {
    const user = await trustingUser();
    await addApp(user);
    const trustedBrowser = await trust(user);
    await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    await call('POST', path, { deviceId: user.deviceId, code: wrongTotp(user.secret) });
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.status).toBe('disabled');
    expect(await decide(user, { trustedBrowser })).toMatchObject(asked);
    expect(await list(user)).toEqual([]);
  });

  test('with two-factor authentication off, a reset, and the erasure of the user', async () => {
    const disabled = await trustingUser();
    const first = await trust(disabled);
    const proof = { 'sallyport-proof': await panel.proof(disabled, 'disable') };
    await call('PUT', `${disabled.path}/two-factor`, { enabled: false }, proof);
    await call('PUT', `${disabled.path}/two-factor`, { enabled: true });
    expect(await decide(disabled, { trustedBrowser: first })).toMatchObject(asked);

    const user = await trustingUser();
    const second = await trust(user);
    await call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' });
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    expect(await decide(user, { trustedBrowser: second })).toMatchObject(asked);
    expect(await revocations(user)).toMatchObject([{ reason: 'reset' }]);

    const erased = await trustingUser();
    await trust(erased);
    const [browser] = await list(erased);
    expect((await call('DELETE', erased.path)).status).toBe(204);
    expect(await panel.sql('select from trusted_browser where id = $1', [browser.id])).toEqual([]);
  });

  test('where the company requires two-factor authentication and it was switched off', async () => {
    const user = await trustingUser();
    const before = await trust(user);
    const proof = { 'sallyport-proof': await panel.proof(user, 'disable') };
    await call('PUT', `${user.path}/two-factor`, { enabled: false }, proof);
    await setPolicy(user, { twoFactor: { required: 'all' }, trustedBrowser: { allowed: true } });
    expect(await decide(user, { trustedBrowser: before })).toMatchObject({ reason: 'required_by_policy' });
    expect(await decide(user, { trustedBrowser: await trust(user) })).toEqual(trusted);
  });
});

test('a device of some applications vouches for a browser there, and nowhere else', async () => {
  const user = await trustingUser();
  const token = await trust(user);
  await panel.sql(`update device set applications = '{emergency}' where id = $1`, [user.deviceId]);
  expect(await decide(user, { trustedBrowser: token, application: 'emergency' })).toEqual(trusted);
  expect((await decide(user, { trustedBrowser: token, application: 'panel' })).decision).not.toBe('allow');
  expect((await decide(user, { trustedBrowser: token })).decision).not.toBe('allow');
});
