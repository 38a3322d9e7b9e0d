import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resolvePolicy, type Policy } from '#contracts';
import { policyValue } from '../../../apps/gateway/src/policy/policy-value.js';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { accountPolicies, askedValues, tenantPolicies } from '../../support/weaker-accounts.js';

let panel: TestPanel;
let tenant: TestTenant;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  call = ApiDescription.read().checked(tenant.call);
  await call('PUT', '/v1/policy', { preset: 'pci-dss' });
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
  const decide = async () => (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' })).body.decision;
  const lockout = { free: 15, maxSeconds: 7200 };
  await call('PUT', path, { ...weaker, lockout, exemptions: { override: exemption(inMs(3_600_000)) } });
  expect((await call('GET', path)).body).toMatchObject({
    effective: { ...weaker, lockout: { free: 15 } },
    notApplied: [],
  });
  expect(await decide()).toBe('allow');

  const until = inMs(2000);
  const { status } = await call('PATCH', path, { exemptions: { override: exemption(until) } });
  expect(status).toBe(200);
  // Nothing is written meanwhile: the time alone ends it.
  await expect
    .poll?.(() => decide())
    .toBe('enroll');
});
