import type { PolicyOverride } from '../policy.js';

/** NIS2 (Implementing Regulation (EU) 2024/2690), as docs/compliance/nis2.md explains: a passkey or an app, required of
 * everybody, and nothing goes past it without an owner, a reason and an end. */
export const nis2 = {
  twoFactor: { required: 'all', graceUntil: null, disableBy: 'admin' },
  methods: { allowed: ['webauthn', 'totp'], notAlone: [] },
  proofRequired: { removeDevice: true, disable: true },
  trustedBrowser: { allowed: false },
  exemptions: { required: true },
  audit: { retentionAtLeastDays: 365 },
} as const satisfies PolicyOverride;
