import type { PolicyOverride } from '../policy.js';

/** NIST SP 800-63B-4, as docs/compliance/nist.md explains: no e-mail as a factor, SMS only beside something better, no
 * tolerance of clocks, nobody remembered. */
export const nist = {
  methods: { allowed: ['totp', 'sms', 'webauthn'], notAlone: ['sms'] },
  totp: { window: 0 },
  code: { ttlSeconds: 300 },
  lockout: { disableAt: 50 },
  proofRequired: { removeDevice: true, disable: true },
  trustedBrowser: { allowed: false },
} as const satisfies PolicyOverride;
