import type { PolicyOverride } from '../policy.js';

/** PCI DSS 4.0.1, as docs/compliance/pci-dss.md explains: required of everybody, ten wrong codes and then half an hour, SMS only
 * beside something better, and nothing goes past it without an owner, a reason and an end. */
export const pciDss = {
  twoFactor: { required: 'all', graceUntil: null, disableBy: 'admin' },
  methods: { allowed: ['totp', 'sms', 'webauthn'], notAlone: ['sms'] },
  lockout: { free: 10, baseSeconds: 1800, maxSeconds: 3600, disableAt: 50 },
  proofRequired: { removeDevice: true, disable: true },
  trustedBrowser: { allowed: false },
  exemptions: { required: true },
  audit: { retentionAtLeastDays: 365 },
} as const satisfies PolicyOverride;
