import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditController } from './audit.controller.js';
import { AuditKeysController } from './audit-keys.controller.js';
import { Checkpoints } from './checkpoints.js';

@Module({
  controllers: [AuditController, AuditKeysController],
  providers: [AuditEvents, Checkpoints],
})
export class AuditModule {}
