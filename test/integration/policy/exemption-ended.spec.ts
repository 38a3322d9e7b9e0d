import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resolvePolicy } from '#contracts';
import { policyValue } from '../../../apps/gateway/src/policy/policy-value.js';
import { ApiDescription } from '../../support/api-description.js';
import {
  startPanel,
  totp,
  wrongTotp,
  type Call,
  type TestPanel,
  type TestTenant,
} from '../../support/gateway-harness.js';
import { eventually } from '../../support/raw-connections.js';
import { accountPolicies, askedValues, tenantPolicies } from '../../support/weaker-accounts.js';

let panel: TestPanel;
let tenant: TestTenant;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  call = ApiDescription.read().checked(tenant.call);
  await call('PUT', '/v1/policy', { preset: 'pci-dss', lockout: { free: 2 } });
});
afterAll(() => panel.stop());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const exemption = (until: string) => ({ owner: 'Head of security', reason: 'Move to passkeys', until });
const weaker = { twoFactor: { required: 'none' }, methods: { allowed: ['totp', 'email'], notAlone: [] } };
const policyOf = (accountId: string) => `/v1/accounts/${accountId}/policy`;

/** Moves the end of the exemption of an account, and changes nothing else. */
const endAt = (accountId: string, until: string) =>
  panel.sql(
    `update account set policy = jsonb_set(policy, '{exemptions,override,until}', to_jsonb($1::text))
     where external_id = $2 and tenant_id = $3`,
    [until, accountId, tenant.tenantId],
  );

test('from the moment on that its exemption ends, an account is as strict as its tenant, and its policy says why', async () => {
  const { accountId, userId } = await panel.user(tenant);
  const path = policyOf(accountId);
  const decide = async () =>
    (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' })).body.decision;
  const lockout = { free: 15, maxSeconds: 7200 };
  await call('PUT', path, { ...weaker, lockout, exemptions: { override: exemption(inMs(3_600_000)) } });
  expect((await call('GET', path)).body).toMatchObject({
    effective: { ...weaker, lockout: { free: 15 } },
    notApplied: [],
  });
  expect(await decide()).toBe('allow');

  const until = inMs(2000);
  expect(await call('PATCH', path, { exemptions: { override: exemption(until) } })).toMatchObject({ status: 200 });
  // Nothing is written meanwhile: the time alone ends it.
  await eventually(async () => (await decide()) === 'enroll');
  const { effective, sources, override, notApplied } = (await call('GET', path)).body;
  expect(effective).toMatchObject({
    twoFactor: { required: 'all' },
    methods: { allowed: ['totp', 'sms', 'webauthn'], notAlone: ['sms'] },
    // Of the two, one was weaker.
    lockout: { free: 2, maxSeconds: 7200 },
  });
  expect(sources).toMatchObject({ 'twoFactor.required': 'tenant', 'lockout.maxSeconds': 'account' });
  expect(override).toMatchObject({ ...weaker, lockout });
  const gone = ['lockout.free', 'methods.allowed', 'methods.notAlone', 'twoFactor.required'];
  expect(notApplied).toEqual(gone.map((value) => ({ value, reason: 'exemption_ended', since: until })));
  expect((await call('GET', `/v1/accounts/${accountId}/users/${userId}`)).body.policy).toEqual(effective);

  // Somebody answers for it again.
  await call('PATCH', path, { exemptions: { override: exemption(inMs(3_600_000)) } });
  expect(await decide()).toBe('allow');
});

test('a method that was allowed by an exemption opens nothing after its end: no challenge, no device, no earlier approval', async () => {
  const user = await panel.totpUser(tenant);
  const override = exemption(inMs(3_600_000));
  await call('PUT', policyOf(user.accountId), { ...weaker, exemptions: { override } });
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device', tenant) };
  const address = { method: 'email', name: 'Mail', email: 'name@panel.example' };
  const mail = (await call('POST', `${user.path}/devices`, address, headers)).body.id;
  expect(await call('POST', `/v1/devices/${mail}/verify`, { code: await panel.sentCode(mail) })).toMatchObject({
    status: 200,
  });
  const byMail = async (id: string) => {
    await panel.passMinute();
    const sent = await call('POST', `/v1/challenges/${id}/codes`, { deviceId: mail });
    if (sent.status !== 202) return sent;
    return call('POST', `/v1/challenges/${id}/verify`, { deviceId: mail, code: await panel.sentCode(mail) });
  };
  const approved = await panel.challenge(user, {}, tenant);
  expect(await byMail(approved)).toMatchObject({ status: 200, body: { status: 'approved' } });
  const open = await panel.challenge(user, {}, tenant);
  const inForce = async () => (await call('GET', `/v1/challenges/${approved}`)).body.inForce;
  expect(await inForce()).toBe(true);

  await endAt(user.accountId, inMs(-1000));
  expect(await byMail(open)).toMatchObject({ status: 422, body: { code: 'method_not_allowed' } });
  expect(await inForce()).toBe(false);
  const { accountId, userId } = user;
  const asked = (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' })).body;
  const allowed = (devices: { method: string; allowed: boolean }[]) =>
    Object.fromEntries(devices.map((device) => [device.method, device.allowed]));
  expect(allowed(asked.challenge.devices)).toEqual({ totp: true, email: false });
  expect(allowed((await call('GET', `${user.path}/devices`)).body.data)).toEqual({ totp: true, email: false });
});

test('a browser that was trusted by an exemption is asked again after its end', async () => {
  const user = await panel.totpUser(tenant);
  const exemptions = { override: exemption(inMs(3_600_000)), trustedBrowser: exemption(inMs(3_600_000)) };
  await call('PUT', policyOf(user.accountId), { trustedBrowser: { allowed: true }, exemptions });
  const id = await panel.challenge(user, {}, tenant);
  const { trustedBrowser } = (
    await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret), rememberBrowser: true })
  ).body;
  const { accountId, userId } = user;
  const decide = async () =>
    (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', trustedBrowser })).body.decision;
  expect(await decide()).toBe('allow');
  await endAt(accountId, inMs(-1000));
  expect(await decide()).toBe('challenge');
});

test('wrong codes lock as the tenant says after the end', async () => {
  const user = await panel.totpUser(tenant);
  const lockout = { free: 9, baseSeconds: 1 };
  const exemptions = { override: exemption(inMs(3_600_000)) };
  await call('PUT', policyOf(user.accountId), { lockout, exemptions });
  const guess = async () => {
    const id = await panel.challenge(user, {}, tenant);
    return (await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) })).body.code;
  };
  for (let wrong = 0; wrong < 3; wrong += 1) expect(await guess()).toBe('code_invalid');
  await endAt(user.accountId, inMs(-1000));
  await guess();
  expect((await call('GET', `${user.path}/devices`)).body.data[0].lockedUntil).toEqual(expect.any(String));
});

test('statements read the same values as the gateway, whoever is stricter in what', async () => {
  const values = askedValues.map(([section, key]) => `'${section}.${key}', ${policyValue(section, key as never)}`);
  const rows = await panel.sql<{ t: number; a: number; read: Record<string, unknown>; now: Date }>(
    `select t.n::int as t, a.n::int as a, jsonb_build_object(${values.join(', ')}) as read, now() as now
     from jsonb_array_elements($1::jsonb) with ordinality as t(policy, n)
     cross join jsonb_array_elements($2::jsonb) with ordinality as a(policy, n)`,
    [JSON.stringify(tenantPolicies), JSON.stringify(accountPolicies)],
  );
  expect(rows.length).toBe(tenantPolicies.length * accountPolicies.length);
  const differing = rows.filter(({ t, a, read, now }) => {
    const { effective } = resolvePolicy(tenantPolicies[t - 1] ?? {}, accountPolicies[a - 1] ?? {}, now);
    return askedValues.some(([section, key]) => {
      const own = (effective[section] as Record<string, unknown>)[key];
      return JSON.stringify(read[`${section}.${key}`]) !== JSON.stringify(own);
    });
  });
  expect(
    differing.map(({ t, a, read }) => ({ tenant: tenantPolicies[t - 1], account: accountPolicies[a - 1], read })),
  ).toEqual([]);
});
