import { applyPreset, type Policy, type PolicyOverride } from '#contracts';

/** Policies of a tenant where exemptions are required, or not. */
export const tenantPolicies: readonly PolicyOverride[] = [
  {},
  applyPreset(null, { preset: 'pci-dss' }),
  applyPreset(null, { preset: 'nis2' }),
  { exemptions: { required: true }, methods: { allowed: ['totp', 'sms', 'email'], notAlone: ['email', 'sms'] } },
  { exemptions: { required: true }, twoFactor: { required: 'all', graceUntil: '2031-01-01T00:00:00Z' } },
  { exemptions: { required: true }, trustedBrowser: { allowed: true }, lockout: { free: 3 } },
];

const parts: readonly PolicyOverride[] = [
  { twoFactor: { required: 'none', graceUntil: '2999-01-01T00:00:00Z' } },
  { twoFactor: { required: 'all' } },
  { twoFactor: { graceUntil: '2999-01-01T00:00:00Z' } },
  { methods: { allowed: ['totp', 'email', 'sms'] } },
  { methods: { allowed: ['totp', 'sms'], notAlone: [] } },
  { methods: { allowed: ['totp', 'email'], notAlone: ['email'] } },
  { methods: { allowed: ['webauthn'] } },
  { methods: { notAlone: ['totp', 'sms'] } },
  { trustedBrowser: { allowed: true, days: 90 } },
  { trustedBrowser: { days: 31 } },
  { trustedBrowser: { days: 7 } },
  { lockout: { free: 15, disableAt: 16, baseSeconds: 1, maxSeconds: 1 } },
  { lockout: { free: 2, disableAt: 3 } },
  { exemptions: { required: false } },
  { proofRequired: { disable: false }, transaction: { amountAndPayee: 'optional' } },
];

const override = (until: string) => ({ owner: 'Head of security', reason: 'Move to passkeys', until });
/** An exemption that has ended, one that has not, one whose end cannot be read, none. */
const ends = ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00+14:00', 'soon', null];

/** Policies of accounts, weaker and stricter in all that a statement asks, each with and without an exemption for it. */
export const accountPolicies: readonly PolicyOverride[] = parts
  .flatMap((one, n) => parts.slice(n).map((other) => merged(one, other)))
  .flatMap((policy) =>
    ends.map((until) => merged(policy, { exemptions: { override: until ? override(until) : null } })),
  );

function merged(one: PolicyOverride, other: PolicyOverride): PolicyOverride {
  const values: Record<string, unknown> = { ...one };
  for (const [section, value] of Object.entries(other))
    values[section] = { ...(values[section] as object), ...(value as object) };
  return values;
}

/** What statements ask of a policy. */
export const askedValues = [
  ['twoFactor', 'required'],
  ['twoFactor', 'graceUntil'],
  ['methods', 'allowed'],
  ['methods', 'notAlone'],
  ['trustedBrowser', 'allowed'],
  ['trustedBrowser', 'days'],
  ['recoveryCodes', 'count'],
  ['exemptions', 'required'],
] as const satisfies readonly (readonly [keyof Policy, string])[];
