import { Module } from '@nestjs/common';
import { TenantController } from './tenant.controller.js';
import { Tenants } from './tenants.js';

@Module({
  controllers: [TenantController],
  providers: [Tenants],
})
export class TenantModule {}
