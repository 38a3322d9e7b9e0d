import type { PolicyOverride } from '../policy.js';

/** PSD2 (RTS on strong customer authentication), as docs/compliance/psd2.md explains: whoever confirms a payment sees amount and
 * payee. No app: its codes depend on the time alone, and not on what is paid. */
export const psd2 = {
  methods: { allowed: ['webauthn', 'sms'], notAlone: [] },
  lockout: { free: 5 },
  proofRequired: { removeDevice: true, disable: true },
  trustedBrowser: { allowed: false },
  transaction: { amountAndPayee: 'required' },
} as const satisfies PolicyOverride;
