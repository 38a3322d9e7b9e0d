import type { PolicyOverride } from '../policy.js';

/** Employees may use two-factor authentication, and some companies require it (`twoFactor.required` of the account).
 * Only an administrator switches it off, and the user is told. */
export const userCard = {
  methods: { allowed: ['totp', 'sms'] },
  twoFactor: { disableBy: 'admin', onDisable: 'remove' },
  notices: { twoFactorDisabled: true, reset: true },
} as const satisfies PolicyOverride;
