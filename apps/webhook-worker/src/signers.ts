import { Webhook } from 'standardwebhooks';
import type { Sealer } from '#persistence';

/** Secrets that are kept open: more than one worker calls within minutes. */
const keptAtMost = 500;

/** Signs for endpoints. A secret that was opened is kept as it is sealed in the database: one that is changed is another one. */
export class Signers {
  private readonly opened = new Map<string, Webhook>();

  constructor(private readonly sealer: Sealer) {}

  /** @throws where the secret does not open */
  of(webhookId: string, sealed: Buffer): Webhook {
    const name = `${webhookId} ${sealed.toString('base64')}`;
    const known = this.opened.get(name);
    if (known) return known;
    const signer = new Webhook(this.sealer.openText('webhook-secret', webhookId, sealed));
    const [oldest] = this.opened.keys();
    if (this.opened.size >= keptAtMost && oldest !== undefined) this.opened.delete(oldest);
    this.opened.set(name, signer);
    return signer;
  }
}
