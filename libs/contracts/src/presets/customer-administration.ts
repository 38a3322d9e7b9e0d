import type { PolicyOverride } from '../policy.js';

/** SMS or an app, one at a time. A number that one person of the account has proved serves the others without a code. It
 * stays when two-factor authentication is off, to be switched on again, changed or deleted. */
export const customerAdministration = {
  methods: { allowed: ['sms', 'totp'], exclusive: true },
  twoFactor: { disableBy: 'user', onDisable: 'keep' },
  phone: { reuseVerifiedOnAccount: true },
} as const satisfies PolicyOverride;
