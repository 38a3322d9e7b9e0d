import { Injectable } from '@nestjs/common';
import { Sealer } from '#persistence';

/** Addresses of those who look after webhooks: kept as those of users are. */
@Injectable()
export class WebhookContacts {
  constructor(private readonly sealer: Sealer) {}

  seal(webhookId: string, email: string | null): Buffer | null {
    return email === null ? null : this.sealer.seal('webhook-contact', webhookId, email);
  }

  open(webhookId: string, sealed: Buffer | null): string | null {
    return sealed && this.sealer.openText('webhook-contact', webhookId, sealed);
  }
}
