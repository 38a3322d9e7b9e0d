import type { PolicyOverride } from '../policy.js';

/** Every method. The recovery codes come first, and have to be saved before the first device counts. */
export const controlPanel = {
  methods: { allowed: ['totp', 'email', 'sms', 'webauthn'] },
  twoFactor: { disableBy: 'user', onDisable: 'keep' },
  recoveryCodes: { count: 10, acknowledgementRequired: true },
} as const satisfies PolicyOverride;
