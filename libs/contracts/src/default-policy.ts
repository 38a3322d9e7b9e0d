import type { Policy } from './policy.js';

/**
 * Where codes go to until a tenant names its own countries: the European Economic Area, its neighbours, and North America.
 * Not everywhere: those who are paid for SMS that others send have their numbers where nobody expects a customer.
 */
const usualCountries =
  'AT BE BG CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK US'.split(' ');

export const defaultPolicy: Policy = {
  twoFactor: { required: 'none', graceUntil: null, disableBy: 'user', onDisable: 'keep' },
  methods: { allowed: ['totp', 'sms', 'email', 'webauthn'], exclusive: false, notAlone: [] },
  phone: {
    reuseVerifiedOnAccount: false,
    allowedCountries: usualCountries,
    defaultCountry: null,
    smsPerDevicePerDay: 15,
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
  sms: { brand: 'Sallyport', host: null },
  webauthn: {
    rpId: 'localhost',
    rpName: 'Sallyport',
    origins: ['http://localhost:3001'],
    applications: {},
    userVerification: 'preferred',
  },
  proofRequired: { removeDevice: true, disable: true },
  supportContact: null,
  notices: {
    deviceAdded: true,
    deviceRemoved: true,
    phoneChanged: true,
    twoFactorDisabled: true,
    reset: true,
    recoveryCodeUsed: true,
    emailChanged: true,
    lockout: true,
  },
  recoveryCodes: { count: 10, acknowledgementRequired: false },
  code: { ttlSeconds: 300, resendAfterSeconds: 30, maxSends: 5 },
  challenge: { ttlSeconds: 600, maxChecks: 5 },
  totp: { window: 1, issuer: 'Sallyport', allowShortImport: false },
  lockout: { free: 5, baseSeconds: 30, maxSeconds: 3600, disableAt: 50 },
  trustedBrowser: { allowed: false, days: 30 },
  transaction: { amountAndPayee: 'optional' },
  exemptions: { required: false, serviceUsers: null, gracePeriod: null, trustedBrowser: null, override: null },
  audit: { retentionDays: null, retentionAtLeastDays: 0 },
};
