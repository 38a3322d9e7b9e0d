import type { PolicyOverride } from '../policy.js';

/** Several named devices on one login, one for each employee; devices outlive a switch-off. No recovery codes: whoever
 * left the company would still have them. */
export const servicePanel = {
  methods: { allowed: ['totp', 'sms'] },
  twoFactor: { disableBy: 'user', onDisable: 'keep' },
  phone: { smsPerDevicePerDay: 15, timeZone: 'Europe/Amsterdam' },
  recoveryCodes: { count: 0 },
} as const satisfies PolicyOverride;
