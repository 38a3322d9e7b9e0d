import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type TestPanel, type TestTenant } from './gateway-harness.js';

/** One tenant whose policy is empty at the start of each test, for each file that imports this. */

export let panel: TestPanel;
export let tenant: TestTenant;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());
beforeEach(async () => {
  tenant = await panel.tenant();
  call = ApiDescription.read().checked(tenant.call);
});

/** The contract's, value by value. */
export const defaults = {
  twoFactor: { required: 'none', graceUntil: null, disableBy: 'user', onDisable: 'keep' },
  methods: { allowed: ['totp', 'sms', 'email', 'webauthn'], exclusive: false, notAlone: [] },
  phone: {
    reuseVerifiedOnAccount: false,
    allowedCountries: expect.arrayContaining(['NL', 'US']),
    smsPerDevicePerDay: 15,
    defaultCountry: null,
    timeZone: 'UTC',
  },
  email: { perDevicePerDay: 30 },
  sending: {
    perDevicePerHour: 20,
    perUserPerHour: 20,
    perAccountPerHour: 100,
    perTenantPerHour: 1000,
    perPrefixPerHour: 40,
    minApprovedPercent: 20,
    spendPerDay: 1000,
  },
  sms: { brand: expect.any(String), host: null },
  webauthn: {
    rpId: 'localhost',
    rpName: expect.any(String),
    origins: ['http://localhost:3001'],
    applications: {},
    userVerification: 'preferred',
  },
  proofRequired: { removeDevice: true, disable: true },
  supportContact: null,
  notices: expect.any(Object),
  recoveryCodes: { count: 10, acknowledgementRequired: false },
  code: { ttlSeconds: 300, resendAfterSeconds: 30, maxSends: 5 },
  challenge: { ttlSeconds: 600, maxChecks: 5 },
  totp: { window: 1, issuer: expect.any(String), allowShortImport: false },
  lockout: { free: 5, baseSeconds: 30, maxSeconds: 3600, disableAt: 50 },
  trustedBrowser: { allowed: false, days: 30 },
  transaction: { amountAndPayee: 'optional' },
  exemptions: { required: false, serviceUsers: null, gracePeriod: null, trustedBrowser: null, override: null },
  audit: { retentionDays: null, retentionAtLeastDays: 0 },
};

export type Values = Record<string, unknown>;
/** `section.value` of every value, as in `sources`. */
export const namesOf = (policy: Values): string[] =>
  Object.entries(policy).flatMap(([section, value]) =>
    value !== null && typeof value === 'object' ? Object.keys(value).map((key) => `${section}.${key}`) : [section],
  );
export const account = async (id = 'account-1') => {
  expect((await call('PUT', `/v1/accounts/${id}`, {})).status).toBe(200);
  return `/v1/accounts/${id}/policy`;
};
