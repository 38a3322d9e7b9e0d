import { Module, type DynamicModule } from '@nestjs/common';
import { Database, Finder, Sealer } from '#persistence';
import type { Keys } from '#runtime';
import { Readiness } from '#process';
import { AddressKeys } from './codes/address-keys.js';
import { MakeRecoveryCodes } from './codes/make-recovery-codes.js';
import { Pepper } from './codes/pepper.js';
import { SendCode } from './codes/send-code.js';
import { SmsNotices } from './codes/sms-notice.js';
import { Proofs } from './proofs/proofs.js';
import { UserContext } from './rows/user-row.js';
import { AddressGuesses } from './verification/address-guesses.js';

export interface SharedParts {
  readonly database: Database;
  readonly readiness: Readiness;
  readonly keys: Pick<Keys, 'sealing' | 'webhook' | 'pepper' | 'proof'>;
}

/** What features share: the database, the keys, and the rules that stand below them. */
@Module({})
export class SharedModule {
  static with({ database, readiness, keys }: SharedParts): DynamicModule {
    const sealer = new Sealer(keys.sealing);
    const given = [
      { provide: Database, useValue: database },
      { provide: Readiness, useValue: readiness },
      { provide: Sealer, useValue: sealer },
      { provide: Finder, useValue: new Finder(keys.pepper) },
      { provide: Pepper, useValue: new Pepper(keys.pepper) },
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
