import { Module, type DynamicModule } from '@nestjs/common';
import { Database, Finder, Sealer } from '#persistence';
import type { AllowPrivate, Keys } from '#runtime';
import { Readiness } from '#process';
import { AddressKeys } from './codes/address-keys.js';
import { MakeRecoveryCodes } from './codes/make-recovery-codes.js';
import { Pepper } from './codes/pepper.js';
import { SendCode } from './codes/send-code.js';
import { SmsNotices } from './codes/sms-notice.js';
import { Proofs } from './proofs/proofs.js';
import { ReceiptKeys, type ReceiptSecrets } from './receipts/receipt-keys.js';
import { UserContext } from './rows/user-row.js';
import { WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhookUrls } from './webhooks/webhook-urls.js';
import { AddressGuesses } from './verification/address-guesses.js';

export interface SharedParts {
  readonly database: Database;
  readonly readiness: Readiness;
  readonly keys: Pick<Keys, 'sealing' | 'webhook' | 'pepper' | 'proof'>;
  /** Which addresses that are not public webhooks may go to. */
  readonly webhookAllowPrivate: AllowPrivate;
  /** What receipts of providers are checked by; none where left out. */
  readonly receipts?: ReceiptSecrets;
}

/** What features share: the database, the keys, and the rules that stand below them. */
@Module({})
export class SharedModule {
  static with({ database, readiness, keys, webhookAllowPrivate, receipts }: SharedParts): DynamicModule {
    const sealer = new Sealer(keys.sealing);
    const given = [
      { provide: Database, useValue: database },
      { provide: Readiness, useValue: readiness },
      { provide: Sealer, useValue: sealer },
      { provide: Finder, useValue: new Finder(keys.pepper.lookups) },
      { provide: Pepper, useValue: new Pepper(keys.pepper) },
      { provide: WebhookSecrets, useValue: new WebhookSecrets(keys.webhook) },
      { provide: ReceiptKeys, useValue: new ReceiptKeys(receipts) },
      { provide: WebhookUrls, useValue: new WebhookUrls(webhookAllowPrivate) },
      { provide: Proofs, useValue: new Proofs(keys.proof, database, sealer) },
    ];
    const tools = [UserContext, AddressKeys, MakeRecoveryCodes, SendCode, SmsNotices, AddressGuesses];
    return {
      module: SharedModule,
      global: true,
      providers: [...given, ...tools],
      exports: [...given.map(({ provide }) => provide), ...tools],
    };
  }
}
