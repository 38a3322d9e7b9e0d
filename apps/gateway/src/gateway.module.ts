import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { Database, Finder, Sealer } from '#persistence';
import type { Keys } from '#runtime';
import { Readiness } from '#service';
import { AccountsController } from './accounts/accounts.controller.js';
import { Accounts } from './accounts/accounts.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditEvents } from './audit/audit-events.js';
import { ChallengesController } from './challenges/challenges.controller.js';
import { Challenges } from './challenges/challenges.js';
import { CreateChallenges } from './challenges/create-challenge.js';
import { VerifyChallenges } from './challenges/verify-challenge.js';
import { SmsNotices } from './codes/sms-notice.js';
import { SendCode } from './codes/send-code.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { Deliveries } from './deliveries/deliveries.js';
import { DevicesController } from './devices/devices.controller.js';
import { ChangePhone } from './devices/change-phone.js';
import { Devices } from './devices/devices.js';
import { DeviceEnrolment } from './devices/enroll-device.js';
import { FindDevices } from './devices/find-devices.js';
import { SmsQuota } from './devices/sms-quota.js';
import { ImportDevices } from './devices/import-device.js';
import { VerifyDevices } from './devices/verify-device.js';
import { HealthController } from './health/health.controller.js';
import { Authentication } from './http/authentication.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { TurnInterceptor } from './http/turn.interceptor.js';
import { ValidationPipe } from './http/validation.pipe.js';
import { LockoutsController } from './lockouts/lockouts.controller.js';
import { Lockouts } from './lockouts/lockouts.js';
import { Pepper } from './codes/pepper.js';
import { Policies } from './policy/policies.js';
import { PolicyController } from './policy/policy.controller.js';
import { Proofs } from './proofs/proofs.js';
import { RecoveryCodesController } from './recovery-codes/recovery-codes.controller.js';
import { RecoveryCodes } from './recovery-codes/recovery-codes.js';
import { SendBlocksController } from './send-blocks/send-blocks.controller.js';
import { SendBlocks } from './send-blocks/send-blocks.js';
import { AddressGuesses } from './verification/address-guesses.js';
import { TrustedBrowsersController } from './trusted-browsers/trusted-browsers.controller.js';
import { TrustedBrowsers } from './trusted-browsers/trusted-browsers.js';
import { TenantController } from './tenant/tenant.controller.js';
import { TwoFactorController } from './two-factor/two-factor.controller.js';
import { TwoFactor } from './two-factor/two-factor.js';
import { UserContext } from './rows/user-row.js';
import { UsersController } from './users/users.controller.js';
import { Users } from './users/users.js';

export interface GatewayParts {
  readonly database: Database;
  readonly readiness: Readiness;
  readonly keys: Pick<Keys, 'sealing' | 'pepper' | 'proof'>;
}

@Module({})
export class GatewayModule {
  static with({ database, readiness, keys }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        AccountsController,
        UsersController,
        PolicyController,
        DevicesController,
        TwoFactorController,
        TrustedBrowsersController,
        RecoveryCodesController,
        ChallengesController,
        LockoutsController,
        SendBlocksController,
        DeliveriesController,
        AuditController,
        ApiKeysController,
        TenantController,
        HealthController,
      ],
      providers: [
        { provide: Database, useValue: database },
        { provide: Sealer, useValue: new Sealer(keys.sealing) },
        { provide: Finder, useValue: new Finder(keys.pepper) },
        { provide: Pepper, useValue: new Pepper(keys.pepper) },
        { provide: Proofs, useValue: new Proofs(keys.proof, database) },
        Authentication,
        { provide: APP_INTERCEPTOR, useClass: TurnInterceptor },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useClass: ValidationPipe },
        UserContext,
        Accounts,
        Users,
        Policies,
        FindDevices,
        DeviceEnrolment,
        ChangePhone,
        ImportDevices,
        VerifyDevices,
        Devices,
        SendCode,
        SmsNotices,
        RecoveryCodes,
        CreateChallenges,
        Challenges,
        VerifyChallenges,
        Lockouts,
        TwoFactor,
        TrustedBrowsers,
        SmsQuota,
        SendBlocks,
        AddressGuesses,
        Deliveries,
        AuditEvents,
        { provide: Readiness, useValue: readiness },
      ],
    };
  }
}
