import { randomBytes } from 'node:crypto';
import { Sealer, type KeyRing } from '#persistence';

/** Secrets of webhooks, sealed under a key that nothing else is sealed under: the webhook worker holds no other. */
export class WebhookSecrets {
  private readonly sealer: Sealer;

  constructor(ring: KeyRing) {
    this.sealer = new Sealer(ring);
  }

  /** A new secret in the form of Standard Webhooks, and as its row keeps it. */
  make(webhookId: string): { readonly secret: string; readonly sealed: Buffer } {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    return { secret, sealed: this.sealer.seal('webhook-secret', webhookId, secret) };
  }
}
