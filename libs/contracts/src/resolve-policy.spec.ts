import { expect, test } from '@jest/globals';
import { accountPolicies, tenantPolicies } from '../../../test/support/weaker-accounts.js';
import type { Policy } from './policy.js';
import { policyContradictions, resolvePolicy } from './resolve-policy.js';
import { overrideEnds, weakerValues } from './weaker-values.js';

const now = new Date('2026-11-27T12:00:00Z');
const before = new Date('2019-01-01T00:00:00Z');
const contradictions = (policy: Policy) =>
  policyContradictions(policy).filter(([pointer]) => !pointer.startsWith('/exemptions'));
const pairs = tenantPolicies.flatMap((tenant) => accountPolicies.map((account) => ({ tenant, account })));

test('after its exemption has ended, an account is in nothing weaker than its tenant', () => {
  const ended = pairs.filter(({ tenant, account }) => {
    const ends = overrideEnds(tenant, account);
    return ends !== null && ends <= now.getTime();
  });
  expect(ended.length).toBeGreaterThan(500);
  for (const { tenant, account } of ended) {
    const { effective, notApplied } = resolvePolicy(tenant, account, now);
    expect({ tenant, account, weaker: weakerValues(effective, resolvePolicy(tenant).effective) }).toMatchObject({
      weaker: [],
    });
    if (contradictions(resolvePolicy(tenant, account, before).effective).length > 0) continue;
    expect({ tenant, account, notApplied, faults: contradictions(effective) }).toMatchObject({ faults: [] });
  }
});

test('what is stricter stays, and what goes has a name', () => {
  const tenant = { exemptions: { required: true }, twoFactor: { required: 'all' } } as const;
  const override = { owner: 'Head of security', reason: 'Move to passkeys', until: '2026-11-27T12:00:00Z' };
  const account = {
    twoFactor: { required: 'none', graceUntil: '2999-01-01T00:00:00Z', disableBy: 'admin' },
    lockout: { free: 15, disableAt: 20 },
    supportContact: 'desk',
    exemptions: { override },
  } as const;
  expect(resolvePolicy(tenant, account, new Date(now.getTime() - 1))).toMatchObject({
    notApplied: [],
    effective: { twoFactor: { required: 'none' }, lockout: { free: 15, disableAt: 20 } },
  });
  const after = resolvePolicy(tenant, account, now);
  expect(after.notApplied).toEqual(['lockout.free', 'twoFactor.graceUntil', 'twoFactor.required']);
  expect(after.effective).toMatchObject({
    twoFactor: { required: 'all', graceUntil: null, disableBy: 'admin' },
    lockout: { free: 5, disableAt: 20 },
    supportContact: 'desk',
    exemptions: { override },
  });
  expect(after.sources).toMatchObject({ 'twoFactor.required': 'tenant', 'lockout.free': 'default' });
});

test('without an exemption, or where none is required, nothing is taken from an account', () => {
  for (const { tenant, account } of pairs) {
    if (overrideEnds(tenant, account) === null) expect(resolvePolicy(tenant, account, now).notApplied).toEqual([]);
  }
});
