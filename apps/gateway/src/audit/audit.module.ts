import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditController } from './audit.controller.js';

@Module({
  controllers: [AuditController],
  providers: [AuditEvents],
})
export class AuditModule {}
