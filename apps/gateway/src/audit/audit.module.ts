import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditReads } from './audit-reads.js';
import { AuditController } from './audit.controller.js';
import { AuditKeysController } from './audit-keys.controller.js';
import { EventSchemasController } from './event-schemas.controller.js';
import { Checkpoints } from './checkpoints.js';

@Module({
  controllers: [AuditController, AuditKeysController, EventSchemasController],
  providers: [AuditEvents, AuditReads, Checkpoints],
})
export class AuditModule {}
