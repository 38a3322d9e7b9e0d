import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';

let panel: TestPanel;
let tenant: TestTenant;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  call = ApiDescription.read().checked(tenant.call);
});
afterAll(() => panel.stop());

const hour = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString();
const exemption = (until: string) => ({ owner: 'Head of security', reason: 'Move to passkeys', until });
const faultAt = (pointer: string) => ({ status: 400, body: { errors: [{ pointer }] } });

describe.each(['pci-dss', 'nis2'] as const)('under %s', (preset) => {
  beforeAll(async () => {
    expect(await call('PUT', '/v1/policy', { preset })).toMatchObject({ status: 200 });
  });

  test('a grace period has an owner, a reason and an end that is not before its own', async () => {
    const twoFactor = { required: 'all', graceUntil: inHours(2) };
    expect(await call('PATCH', '/v1/policy', { twoFactor })).toMatchObject(faultAt('/exemptions/gracePeriod'));
    const short = { twoFactor, exemptions: { gracePeriod: exemption(inHours(1)) } };
    expect(await call('PATCH', '/v1/policy', short)).toMatchObject(faultAt('/exemptions/gracePeriod/until'));
    const whole = { twoFactor, exemptions: { gracePeriod: exemption(inHours(3)) } };
    expect(await call('PATCH', '/v1/policy', whole)).toMatchObject({ status: 200 });
    for (const part of ['owner', 'reason', 'until'] as const) {
      const { [part]: _, ...rest } = exemption(inHours(3));
      expect(await call('PATCH', '/v1/policy', { exemptions: { gracePeriod: rest } })).toMatchObject({ status: 400 });
    }
    await call('PUT', '/v1/policy', { preset });
  });

  test('an API user is let in while somebody answers for it, and no longer', async () => {
    const user = await panel.user(tenant, { kind: 'service' });
    const { accountId, userId } = user;
    const decide = async () => (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'api_login' })).body;
    const refused = { decision: 'deny', reason: 'required_by_policy' };
    expect(await decide()).toMatchObject(refused);
    await call('PATCH', '/v1/policy', { exemptions: { serviceUsers: exemption(inHours(1)) } });
    expect(await decide()).toMatchObject({ decision: 'allow', reason: 'service_user' });
    await call('PATCH', '/v1/policy', { exemptions: { serviceUsers: exemption(inHours(-1)) } });
    expect(await decide()).toMatchObject(refused);
  });

  test('an account is weaker than its tenant only where somebody answers for it', async () => {
    const { accountId } = await panel.user(tenant);
    const path = `/v1/accounts/${accountId}/policy`;
    for (const [weaker, name] of [
      [{ lockout: { free: 15 } }, 'lockout.free'],
      [{ lockout: { baseSeconds: 1 } }, 'lockout.baseSeconds'],
      [{ methods: { allowed: ['totp', 'email'] } }, 'methods.allowed'],
      [{ twoFactor: { required: 'none' } }, 'twoFactor.required'],
      [{ exemptions: { required: false } }, 'exemptions.required'],
    ] as const) {
      const { status, body } = await call('PUT', path, weaker);
      expect({ status, pointer: body.errors?.[0]?.pointer }).toEqual({ status: 400, pointer: '/exemptions/override' });
      expect(body.errors[0].detail).toContain(name);
    }
    expect(await call('PUT', path, { lockout: { free: 4, baseSeconds: 3000 } })).toMatchObject({ status: 200 });
    const answered = { lockout: { free: 15 }, exemptions: { override: exemption(inHours(1)) } };
    expect(await call('PUT', path, answered)).toMatchObject({ status: 200 });
    // The last call of this policy: another tenant's preset comes next.
    await call('DELETE', path);
  });

  test('trusted browsers need somebody who answers for them', async () => {
    const trustedBrowser = { allowed: true };
    expect(await call('PATCH', '/v1/policy', { trustedBrowser })).toMatchObject(faultAt('/exemptions/trustedBrowser'));
    const exemptions = { trustedBrowser: exemption(inHours(1)) };
    expect(await call('PATCH', '/v1/policy', { trustedBrowser, exemptions })).toMatchObject({ status: 200 });
  });
});

test('where nobody has to answer, nothing is asked', async () => {
  await call('PUT', '/v1/policy', {});
  const open = { twoFactor: { required: 'all', graceUntil: inHours(1) }, trustedBrowser: { allowed: true } };
  expect(await call('PUT', '/v1/policy', open)).toMatchObject({ status: 200 });
});

test('the presets hold what they are named for', async () => {
  const effective = async (preset: string) => (await call('PUT', '/v1/policy', { preset })).body.effective;
  expect(await effective('pci-dss')).toMatchObject({
    lockout: { free: 10, baseSeconds: 1800 },
    methods: { notAlone: ['sms'] },
    twoFactor: { required: 'all' },
  });
  expect((await effective('nis2')).methods.allowed).toEqual(['webauthn', 'totp']);
  expect(await effective('psd2')).toMatchObject({
    transaction: { amountAndPayee: 'required' },
    methods: { allowed: ['webauthn', 'sms'] },
  });
});
