import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.js';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuditModule } from './audit/audit.module.js';
import { ChallengesModule } from './challenges/challenges.module.js';
import { ComplianceModule } from './compliance/compliance.module.js';
import { DeliveriesModule } from './deliveries/deliveries.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule, type HttpParts } from './http/http.module.js';
import { LockoutsModule } from './lockouts/lockouts.module.js';
import { PolicyModule } from './policy/policy.module.js';
import { ProofsModule } from './proofs/proofs.module.js';
import { ReceiptsModule } from './receipts/receipts.module.js';
import { RecoveryCodesModule } from './recovery-codes/recovery-codes.module.js';
import { SendBlocksModule } from './send-blocks/send-blocks.module.js';
import { SharedModule, type SharedParts } from './shared.module.js';
import { TenantModule } from './tenant/tenant.module.js';
import { TrustedBrowsersModule } from './trusted-browsers/trusted-browsers.module.js';
import { TwoFactorModule } from './two-factor/two-factor.module.js';
import { UsersModule } from './users/users.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The features of the API, in the order in which its description shows them. */
const features = [
  AccountsModule,
  UsersModule,
  PolicyModule,
  DevicesModule,
  TwoFactorModule,
  TrustedBrowsersModule,
  RecoveryCodesModule,
  ChallengesModule,
  LockoutsModule,
  SendBlocksModule,
  DeliveriesModule,
  ReceiptsModule,
  AuditModule,
  WebhooksModule,
  ComplianceModule,
  ApiKeysModule,
  TenantModule,
  HealthModule,
  ProofsModule,
];

@Module({})
export class GatewayModule {
  static with(parts: SharedParts & HttpParts): DynamicModule {
    return { module: GatewayModule, imports: [SharedModule.with(parts), HttpModule.with(parts), ...features] };
  }
}
