import type { VonageMethod } from './signatures.js';

/** What proves that a receipt is of its provider; those of providers that are not configured are left out. */
export interface ReceiptSecrets {
  readonly vonage?: { readonly secret: string; readonly method: VonageMethod };
  /** Of Standard Webhooks. */
  readonly http?: { readonly secret: string };
  /** With the address that Twilio was given, up to the path. */
  readonly twilio?: { readonly authToken: string; readonly publicUrl: string };
}

/** What receipts are checked by, for whoever is handed parts by their class. */
export class ReceiptKeys {
  constructor(readonly secrets: ReceiptSecrets = {}) {}
}
