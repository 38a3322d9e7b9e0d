import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { canonicalJson } from '#audit-log';
import { ApiDescription } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, totp, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { sealPanel } from '../../support/seal-panel.js';
import { tamper } from '../../support/tamper.js';

let panel: TestPanel;
let api: ApiDescription;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
});
afterAll(() => panel.stop());

const hour = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString();
const exemption = (until: string) => ({ owner: 'Head of security', reason: 'Move to passkeys', until });

async function seal(): Promise<void> {
  const state = await auditState();
  await sealPanel(panel, state.path);
  await state.remove();
}

const witness = ({ tenantId }: TestTenant) =>
  panel.sql(
    `insert into audit_witnessed (tenant_id, size, signed_at) select tenant_id, size, signed_at from audit_checkpoint where tenant_id = $1`,
    [tenantId],
  );

interface Found {
  readonly rule: string;
  readonly accountId: string | null;
  readonly userId: string | null;
}

const reportOf = async (call: Call, profile = 'pci-dss', asOf = '') =>
  (await call('GET', `/v1/compliance/report?profile=${profile}${asOf && `&asOf=${asOf}`}`)).body;

const foundIn = ({ report }: { report: { controls: { findings: Found[] }[] } }) =>
  report.controls
    .flatMap(({ findings }) => findings)
    .map(({ rule, accountId, userId }) => [rule, accountId, userId].filter(Boolean).join(' '))
    .toSorted();

test('of a tenant that keeps the rules, nothing is named', async () => {
  const tenant = await panel.tenant();
  const call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { preset: 'pci-dss' });
  await panel.totpUser(tenant);
  await seal();
  await witness(tenant);
  for (const profile of ['pci-dss', 'nis2', 'nist']) {
    if (profile === 'nis2') await call('PUT', '/v1/policy', { preset: 'nis2' });
    if (profile === 'nist') await call('PUT', '/v1/policy', { preset: 'nist' });
    const answer = await reportOf(call, profile);
    expect({ profile, found: foundIn(answer), status: answer.report.status }).toEqual({
      profile,
      found: [],
      status: 'met',
    });
  }
  await call('PUT', '/v1/policy', { preset: 'psd2' });
  expect(foundIn(await reportOf(call, 'psd2'))).toEqual([]);
});

test('each planted violation is named, and nothing else', async () => {
  const tenant = await panel.tenant();
  const call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { preset: 'pci-dss' });
  const good = await panel.totpUser(tenant);
  const id = await panel.challenge(good, {}, tenant);
  const used = totp(good.secret);
  await call('POST', `/v1/challenges/${id}/verify`, { code: used });
  const again = await panel.challenge(good, {}, tenant);
  await call('POST', `/v1/challenges/${again}/verify`, { code: used });

  const bare = await panel.user(tenant);
  await panel.user(tenant, { kind: 'service' });
  // Weaker than the tenant, and answered for by nobody: what the API refuses stands there all the same.
  const loose = await panel.totpUser(tenant);
  const override = { lockout: { free: 15 }, methods: { notAlone: [] } };
  const plant = (accountId: string, policy: object) =>
    panel.sql(`update account set policy = $1 where external_id = $2 and tenant_id = $3`, [
      JSON.stringify(policy),
      accountId,
      tenant.tenantId,
    ]);
  await plant(loose.accountId, override);
  const answered = await panel.totpUser(tenant);
  await plant(answered.accountId, { lockout: { free: 15 }, exemptions: { override: exemption(inHours(9)) } });
  const ended = await panel.totpUser(tenant);
  // Not in force any more, so that only who has nothing is named.
  const lapsed = { code: { ttlSeconds: 600 }, lockout: { free: 15 }, twoFactor: { required: 'none' } };
  await plant(ended.accountId, { ...lapsed, exemptions: { override: exemption(inHours(-1)) } });
  // Two in their grace period: one has somebody who answers for it.
  const twoFactor = { graceUntil: inHours(5) };
  const excused = await panel.user(tenant);
  await plant(excused.accountId, { twoFactor, exemptions: { gracePeriod: exemption(inHours(6)) } });
  const unexcused = await panel.user(tenant);
  await plant(unexcused.accountId, { twoFactor });
  await panel.sql(`update tenant set policy = policy || '{"audit": {"retentionDays": 30}}' where id = $1`, [
    tenant.tenantId,
  ]);
  // A challenge that was approved a second time, and two readers: of a key that is not there, and of one without the scope.
  await panel.sql(
    `insert into event (id, tenant_id, type, account_id, user_id, data)
     select 'evt_approved_again', tenant_id, type, account_id, user_id, data from event
     where tenant_id = $1 and type = 'challenge.approved' and data ->> 'challengeId' = $2`,
    [tenant.tenantId, id],
  );
  const reading = { reads: 1, events: 5, personal: true, since: inHours(-1) };
  await tenant.key(['audit']);
  const [mayNot] = await panel.sql<{ id: string }>(
    `select id from api_key where tenant_id = $1 and scopes = array['audit']`,
    [tenant.tenantId],
  );
  for (const apiKeyId of ['key_none', mayNot?.id]) {
    await panel.sql(`insert into event (id, tenant_id, type, data) values ($1, $2, 'audit.read', $3)`, [
      `evt_read_${apiKeyId}`,
      tenant.tenantId,
      JSON.stringify({ ...reading, apiKeyId }),
    ]);
  }
  await seal();

  const asOf = inHours(0);
  const answer = await reportOf(call, 'pci-dss', asOf);
  expect(foundIn(answer)).toEqual(
    [
      `user_without_second_factor ${bare.accountId} ${bare.userId}`,
      `user_without_second_factor ${unexcused.accountId} ${unexcused.userId}`,
      'service_users_without_exemption',
      `lockout_too_loose ${loose.accountId}`,
      `method_alone ${loose.accountId}`,
      `override_without_exemption ${loose.accountId}`,
      `grace_without_exemption ${unexcused.accountId}`,
      'challenge_approved_twice',
      'log_read_without_right',
      'log_read_without_right',
      'log_not_witnessed',
      'retention_too_short',
    ].toSorted(),
  );
  expect(answer.report).toMatchObject({ status: 'not_met', tenantId: tenant.tenantId });
  expect(answer.report.exemptions.map((one: { kind: string; ended: boolean }) => [one.kind, one.ended])).toEqual([
    ['override', false],
    ['override', true],
    ['gracePeriod', false],
  ]);
  const evidence = (control: string) =>
    answer.report.controls.find((one: { id: string }) => one.id === control).evidence;
  expect(evidence('exemptions').notApplied).toEqual([
    {
      accountId: ended.accountId,
      values: ['code.ttlSeconds', 'lockout.free', 'twoFactor.required'],
    },
  ]);
  expect(evidence('replay')).toEqual({ refused: 1, days: 30 });
  expect(evidence('second-factor')).toMatchObject({ enabled: 4, disabled: 3, service: 1 });
  const { sealed, verified } = evidence('log');
  expect(evidence('log')).toMatchObject({ witnessed: null, checkpoint: expect.stringContaining(tenant.tenantId) });
  expect(verified).toBe(sealed);

  const keys = createRemoteJWKSet(new URL(`${panel.url}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await compactVerify(answer.jws, keys);
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'compliance-report+jws' });
  expect(Buffer.from(payload).toString()).toBe(canonicalJson(answer.report));
  // As of a time when somebody answered for it, it was in force.
  const former = await reportOf(call, 'pci-dss', inHours(-2));
  const exemptionsOf = ({ report }: typeof former) =>
    report.controls.find((one: { id: string }) => one.id === 'exemptions').evidence;
  expect(exemptionsOf(former).notApplied).toEqual([]);
  // Who reads it is told; the same time gives the same bytes all the same.
  await call('GET', '/v1/audit/events');
  expect((await reportOf(call, 'pci-dss', asOf)).jws).toBe(answer.jws);
  await tenant.call('PUT', bare.path.replace(bare.userId, 'another'), {});
  expect((await reportOf(call, 'pci-dss', asOf)).jws).not.toBe(answer.jws);
});

test('a log whose tree is another one than was signed is not verified, whatever else is in order', async () => {
  const tenant = await panel.tenant();
  const call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { preset: 'pci-dss' });
  await panel.totpUser(tenant);
  await seal();
  await witness(tenant);
  const logOf = async () =>
    (await reportOf(call)).report.controls.find((one: { id: string }) => one.id === 'log').evidence;
  const { sealed } = await logOf();
  expect(await logOf()).toMatchObject({ signed: sealed, verified: sealed, witnessed: sealed, witnesses: [] });

  const change = (what: string) => tamper(panel.databaseUrl, what);
  const entries = `audit_entry set leaf_hash = sha256(leaf_hash) where sequence = 2 and tenant_id = '${tenant.tenantId}'`;
  await change(`update ${entries}`);
  expect(foundIn(await reportOf(call))).toEqual(['log_not_verified']);
  expect(await logOf()).toMatchObject({ signed: sealed, verified: null });
});

test('a payment that need not be named is found, and an app whose codes do not depend on it', async () => {
  const tenant = await panel.tenant();
  const call = api.checked(tenant.call);
  await call('PUT', '/v1/policy', { methods: { allowed: ['totp', 'webauthn'] } });
  expect(foundIn(await reportOf(call, 'psd2'))).toEqual([
    'method_not_strong_enough',
    'payment_without_amount_and_payee',
  ]);
  await call('PUT', '/v1/policy', {});
  expect(foundIn(await reportOf(call, 'nist'))).toEqual(['method_alone', 'method_not_strong_enough']);
});
