import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Database, Finder, Sealer } from '#persistence';
import type { Keys } from '#runtime';
import { maskAddress } from './codes/addresses.js';
import { SmsNotices } from './codes/sms-notice.js';
import { Deliveries, type DeliveryAnswer } from './deliveries/deliveries.js';
import { Lockouts, type LockoutAnswer } from './lockouts/lockouts.js';
import { Proofs } from './proofs/proofs.js';
import { UserContext } from './rows/user-row.js';
import { shellCaller } from './shell-caller.js';
import { TwoFactor, type TwoFactorAnswer } from './two-factor/two-factor.js';
import { ReadPersonal, type PersonalOfUser } from './users/read-personal.js';
import { Users, type UserAnswer } from './users/users.js';

type Device = UserAnswer['devices'][number];

/** What an operator is shown of a user: no name, and addresses masked. */
export interface ShownUser {
  readonly id: string;
  readonly accountId: string;
  readonly kind: UserAnswer['kind'];
  readonly locale: string | null;
  readonly maskedEmail: string | null;
  readonly maskedPhone: string | null;
  readonly twoFactor: UserAnswer['twoFactor'];
  readonly createdAt: string;
  readonly profileUnreadable?: true;
  readonly recoveryCodesLeft: number;
  readonly devices: readonly Pick<
    Device,
    'id' | 'method' | 'status' | 'isDefault' | 'maskedAddress' | 'verifiedAt' | 'lastUsedAt' | 'lockedUntil'
  >[];
  readonly lockouts: readonly LockoutAnswer[];
}

export interface DeliveryFilters {
  readonly accountId?: string | undefined;
  readonly userId?: string | undefined;
  readonly status?: DeliveryAnswer['status'] | undefined;
  readonly limit: number;
}

/**
 * What an operator does from the shell, by the use cases of the API: the same rules, the same events, the same notices.
 * Each throws a `Problem` where the API would refuse.
 */
export interface Operator {
  user(accountId: string, userId: string): Promise<ShownUser>;
  /** What is hidden of a user there; the log says who read it, and why. */
  personal(accountId: string, userId: string, reason: string): Promise<PersonalOfUser>;
  lockouts(accountId: string, userId: string): Promise<readonly LockoutAnswer[]>;
  unlock(accountId: string, userId: string): Promise<void>;
  reset(accountId: string, userId: string, reason: string): Promise<TwoFactorAnswer>;
}

/** Deliveries as the API shows them, for which nothing has to be opened. */
export interface DeliveryReader {
  /** @throws {Problem} `not_found` */
  one(id: string): Promise<DeliveryAnswer>;
  /** The latest first. */
  list(filters: DeliveryFilters): Promise<readonly DeliveryAnswer[]>;
}

export function readDeliveries(database: Database, tenantId: string): DeliveryReader {
  const [sent, caller] = [new Deliveries(database), shellCaller(tenantId)];
  return {
    one: (id) => sent.get(caller, id),
    list: async (filters) => (await sent.list(caller, { ...filters, cursor: undefined })).data,
  };
}

interface OperatorParts {
  readonly database: Database;
  readonly keys: Pick<Keys, 'sealing' | 'pepper' | 'proof'>;
}

export async function openOperator(parts: OperatorParts & { readonly tenantId: string }): Promise<Operator> {
  const context = await NestFactory.createApplicationContext(OperatorModule.with(parts), {
    logger: false,
    abortOnError: false,
  });
  const caller = shellCaller(parts.tenantId);
  const [users, locks, twoFactor] = [context.get(Users), context.get(Lockouts), context.get(TwoFactor)];
  const personal = context.get(ReadPersonal);
  return {
    user: async (accountId, userId) => masked(await users.get(caller, accountId, userId)),
    personal: (accountId, userId, reason) => personal.read(caller, accountId, userId, reason),
    lockouts: (accountId, userId) => locks.list(caller, accountId, userId),
    unlock: (accountId, userId) => locks.lift(caller, accountId, userId),
    reset: (accountId, userId, reason) => twoFactor.reset(caller, accountId, userId, { reason }),
  };
}

function masked(user: UserAnswer): ShownUser {
  const mask = (address: string | null) => (address === null ? null : maskAddress(address));
  return {
    id: user.id,
    accountId: user.accountId,
    kind: user.kind,
    locale: user.locale,
    maskedEmail: mask(user.email),
    maskedPhone: mask(user.phone),
    twoFactor: user.twoFactor,
    createdAt: user.createdAt,
    ...(user.profileUnreadable && { profileUnreadable: true }),
    recoveryCodesLeft: user.recoveryCodesLeft,
    // Their names are the users' own words.
    devices: user.devices.map(
      ({ id, method, status, isDefault, maskedAddress, verifiedAt, lastUsedAt, lockedUntil }) => ({
        id,
        method,
        status,
        isDefault,
        maskedAddress,
        verifiedAt,
        lastUsedAt,
        lockedUntil,
      }),
    ),
    lockouts: user.lockouts,
  };
}

@Module({})
class OperatorModule {
  static with({ database, keys }: OperatorParts): DynamicModule {
    const sealer = new Sealer(keys.sealing);
    return {
      module: OperatorModule,
      providers: [
        { provide: Database, useValue: database },
        { provide: Sealer, useValue: sealer },
        { provide: Finder, useValue: new Finder(keys.pepper.lookups) },
        { provide: Proofs, useValue: new Proofs(keys.proof, database, sealer) },
        UserContext,
        SmsNotices,
        Users,
        ReadPersonal,
        Lockouts,
        TwoFactor,
      ],
    };
  }
}
