import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditReads } from './audit-reads.js';
import { AuditController } from './audit.controller.js';
import { AuditKeysController } from './audit-keys.controller.js';
import { EventSchemasController } from './event-schemas.controller.js';
import { Checkpoints } from './checkpoints.js';
import { UserProofsController } from './user-proofs.controller.js';
import { UserProofs } from './user-proofs.js';

@Module({
  controllers: [AuditController, AuditKeysController, UserProofsController, EventSchemasController],
  providers: [AuditEvents, AuditReads, Checkpoints, UserProofs],
})
export class AuditModule {}
