import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assertKnownKeys } from '#persistence';
import { generateKeyFile, loadKeys } from '#runtime';
import { adminAnswer, adminRefusal, runAdmin } from '../../support/admin.js';
import { startPanel, totp, wrongTotp, type TestPanel, type TestUser } from '../../support/gateway-harness.js';

let panel: TestPanel;
let env: Record<string, string>;
beforeAll(async () => {
  panel = await startPanel();
  env = { DATABASE_URL: panel.databaseUrl, SALLYPORT_KEYS: panel.keyFile };
  await assertKnownKeys(panel.database, loadKeys(['sealing', 'pepper'], { SALLYPORT_KEYS: panel.keyFile }));
});
afterAll(() => panel.stop());

const about = ({ accountId, userId }: TestUser) => [accountId, userId, '--tenant', panel.tenantId];

/** Its events since a time, as they are written, and the jobs that they started. */
async function told(user: TestUser, since: Date) {
  const events = await panel.sql<{ id: string; type: string; data: Record<string, unknown> }>(
    `select id, type, data from event where account_id = $1 and user_id = $2 and time >= $3 order by type`,
    [user.accountId, user.userId, since],
  );
  const jobs = await panel.sql<{ job: string }>('select job from outbox where id = any ($1) order by job', [
    events.map(({ id }) => id),
  ]);
  return { events, types: events.map(({ type }) => type), jobs: jobs.map(({ job }) => job) };
}

const now = async () => (await panel.sql<{ now: Date }>('select clock_timestamp() as now'))[0]?.now as Date;

test('shows a user without what is personal, as JSON and as text', async () => {
  const user = await panel.totpUser();
  await panel.call('PUT', user.path, {
    displayName: 'Maartje Visser',
    email: 'maartje@panel.example',
    phone: '+31612345678',
  });
  const shown = await adminAnswer<Record<string, unknown>>(['user', 'show', ...about(user)], env);
  expect(shown).toMatchObject({
    id: user.userId,
    accountId: user.accountId,
    twoFactor: { status: 'enabled' },
    recoveryCodesLeft: 10,
    devices: [{ id: user.deviceId, method: 'totp', status: 'verified' }],
    lockouts: [],
  });
  const { stdout } = await runAdmin(['user', 'show', ...about(user), '--text'], env);
  expect(stdout).toContain(user.deviceId);
  for (const text of [JSON.stringify(shown), stdout]) {
    expect(text).not.toMatch(/Maartje|maartje@|12345678/);
    expect(text).toContain('78');
  }
}, 240_000);

test('shows what is personal to whoever gives a reason, and the log has it first', async () => {
  const user = await panel.totpUser();
  const profile = { displayName: 'Maartje Visser', email: 'maartje@panel.example', phone: '+31612345678' };
  await panel.call('PUT', user.path, profile);
  const since = await now();
  expect(await adminRefusal(['user', 'show', ...about(user), '--personal'], env)).toContain(
    '--personal needs --reason',
  );
  expect(await adminRefusal(['user', 'show', ...about(user), '--reason', 'x'], env)).toContain('--reason is for');
  await adminAnswer(['user', 'show', ...about(user)], env);
  expect((await told(user, since)).types).toEqual([]);

  const reason = 'ticket 4711';
  const personal = ['user', 'show', ...about(user), '--personal', '--reason', reason];
  const shown = await adminAnswer<{ devices: { name: string }[] }>(personal, env);
  expect(shown).toMatchObject({
    ...profile,
    devices: [{ id: user.deviceId, name: expect.any(String), address: null }],
  });
  const { events, jobs } = await told(user, since);
  expect(events).toMatchObject([{ type: 'user.personal_read', data: { actor: 'operator' } }]);
  expect(jobs).toEqual([]);
  expect(JSON.stringify(events)).not.toMatch(/4711|Maartje|maartje|12345678/);
  const none = ['user', 'show', 'nobody', 'none', '--tenant', panel.tenantId, '--personal', '--reason', reason];
  expect(await adminRefusal(none, env)).toContain('there is no user');
}, 240_000);

test('shows the number of a device, which may be another than that of the user', async () => {
  const { path, accountId, userId } = await panel.user();
  const body = { method: 'sms', name: 'Work phone', phone: '+31612340099' };
  expect((await panel.call('POST', `${path}/devices`, body)).status).toBe(201);
  const about = [accountId, userId, '--tenant', panel.tenantId];
  const shown = await adminAnswer(['user', 'show', ...about, '--personal', '--reason', 'which number'], env);
  expect(shown).toMatchObject({ phone: null, devices: [{ name: 'Work phone', address: '+31612340099' }] });
}, 240_000);

test('ends lockouts by the rules of the API, and the log says that an operator did it', async () => {
  const user = await panel.totpUser();
  const challenge = await panel.challenge(user);
  const wrong = { deviceId: user.deviceId, code: wrongTotp(user.secret) };
  const other = await panel.challenge(user);
  for (const id of [challenge, challenge, challenge, other, other, other]) {
    await panel.call('POST', `/v1/challenges/${id}/verify`, wrong);
  }
  const locked = await adminAnswer<{ lockouts: { id: string }[] }>(['user', 'show', ...about(user)], env);
  expect(locked.lockouts).toHaveLength(1);

  const since = await now();
  const { ended } = await adminAnswer<{ ended: { id: string }[] }>(['user', 'unlock', ...about(user)], env);
  expect(ended.map(({ id }) => id)).toEqual(locked.lockouts.map(({ id }) => id));
  const { events } = await told(user, since);
  expect(events).toMatchObject([{ type: 'lockout.ended', data: { reason: 'lifted', actor: 'operator' } }]);
  expect(events[0]?.data).not.toHaveProperty('apiKeyId');
  const login = await panel.challenge(user);
  expect((await panel.call('POST', `/v1/challenges/${login}/verify`, { code: totp(user.secret) })).status).toBe(200);
}, 240_000);

test('resets as the API does: the same events, the same notices', async () => {
  const [byShell, byApi] = [await panel.totpUser(), await panel.totpUser()];
  for (const { path } of [byShell, byApi]) await panel.call('PUT', path, { email: 'owner@panel.example' });
  const since = await now();
  const reset = await adminAnswer(['user', 'reset', ...about(byShell), '--reason', 'lost the phone'], env);
  expect(reset).toMatchObject({
    twoFactor: { status: 'disabled' },
    removed: [{ id: byShell.deviceId, method: 'totp' }],
  });
  expect((await panel.call('POST', `${byApi.path}/two-factor/reset`, { reason: 'lost the phone' })).status).toBe(200);

  const [own, expected] = [await told(byShell, since), await told(byApi, since)];
  expect(own.types).toContain('two_factor.reset');
  expect({ types: own.types, jobs: own.jobs }).toEqual({ types: expected.types, jobs: expected.jobs });
  expect(own.jobs).toContain('notify-owner');
  for (const { data } of own.events) expect(data).toMatchObject({ actor: 'operator' });
  expect(JSON.stringify(own.events)).not.toContain('lost the phone');
  expect((await panel.call('GET', byShell.path)).body).toMatchObject({ devices: [], recoveryCodesLeft: 0 });
}, 240_000);

test('refuses in one line, with what to do next, and changes nothing', async () => {
  const user = await panel.totpUser();
  const [tenant, elsewhere] = [['--tenant', panel.tenantId], await panel.tenant()];
  const reason = ['--reason', 'x'];
  expect(await adminRefusal(['user', 'show', 'nobody', 'none', ...tenant], env)).toContain('Both are the ids');
  const foreign = [user.accountId, user.userId, '--tenant', elsewhere.tenantId];
  expect(await adminRefusal(['user', 'reset', ...foreign, ...reason], env)).toContain('there is no user');
  expect(await adminRefusal(['user', 'unlock', user.accountId, user.userId, '--tenant', 'tnt_x'], env)).toContain(
    '"tenant list" shows them',
  );
  expect(await adminRefusal(['key', 'list', '--tenant', 'tnt_x'], env)).toContain('there is no tenant tnt_x');
  const others = { ...env, SALLYPORT_KEYS: generateKeyFile() };
  expect(await adminRefusal(['user', 'reset', ...about(user), ...reason], others)).toContain('keys accept');
  const without = await runAdmin(['user', 'reset', ...about(user)], env);
  expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining("'--reason <words>' not specified") });
  const both = await runAdmin(['user', 'show', ...about(user), '--json', '--text'], env);
  expect(both).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('cannot be combined') });
  expect((await panel.call('GET', user.path)).body.devices).toHaveLength(1);
}, 240_000);

test("works with the gateway's own role, too", async () => {
  const role = `admin_spec_${panel.tenantId.slice(4, 16)}`;
  await panel.sql(`create role ${role} login password 'of-this-test' in role sallyport_gateway`);
  try {
    const url = new URL(panel.databaseUrl);
    [url.username, url.password] = [role, 'of-this-test'];
    const user = await panel.totpUser();
    const own = { ...env, DATABASE_URL: url.href };
    expect(await adminAnswer(['user', 'show', ...about(user)], own)).toMatchObject({ id: user.userId });
    expect(await adminAnswer(['user', 'unlock', ...about(user)], own)).toMatchObject({ ended: [] });
    const reset = ['user', 'reset', ...about(user), '--reason', 'lost the phone'];
    expect(await adminAnswer(reset, own)).toMatchObject({ twoFactor: { status: 'disabled' } });
    // What is the owner's alone stays so.
    expect(await adminRefusal(['tenant', 'create', 'Another'], own)).toContain('does not allow this user');
  } finally {
    await panel.sql(`drop role ${role}`);
  }
}, 240_000);

test('names the operator in the events of keys, too', async () => {
  const options = ['--tenant', panel.tenantId, '--name', 'made here', '--scopes', 'audit'];
  const since = await now();
  const { id } = await adminAnswer<{ id: string }>(['key', 'create', ...options], env);
  await adminAnswer(['key', 'revoke', id], env);
  const rows = await panel.sql<{ type: string; data: object }>(
    `select type, data from event where type like 'api_key.%' and time >= $1 order by time`,
    [since],
  );
  expect(rows).toEqual([
    { type: 'api_key.created', data: { keyId: id, scopes: ['audit'], actor: 'operator' } },
    { type: 'api_key.revoked', data: { keyId: id, actor: 'operator' } },
  ]);
}, 240_000);
