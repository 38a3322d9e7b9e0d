import type { PolicyOverride } from '../policy.js';

/** An app and nothing else. Switching off takes a current code and forgets the app, so that switching on again shows a new
 * QR code. */
export const adminPanel = {
  methods: { allowed: ['totp'] },
  twoFactor: { disableBy: 'user', onDisable: 'remove' },
  proofRequired: { disable: true },
} as const satisfies PolicyOverride;
