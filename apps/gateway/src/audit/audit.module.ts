import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditExportController } from './audit-export.controller.js';
import { AuditExport } from './audit-export.js';
import { AuditStreamController } from './audit-stream.controller.js';
import { AuditStream } from './audit-stream.js';
import { AuditReads } from './audit-reads.js';
import { AuditController } from './audit.controller.js';
import { AuditKeysController } from './audit-keys.controller.js';
import { EventSchemasController } from './event-schemas.controller.js';
import { Checkpoints } from './checkpoints.js';
import { LogReader } from './log-reader.js';
import { LogTails } from './log-tails.js';
import { UserProofsController } from './user-proofs.controller.js';
import { UserProofs } from './user-proofs.js';

@Module({
  controllers: [
    AuditController,
    AuditStreamController,
    AuditExportController,
    AuditKeysController,
    UserProofsController,
    EventSchemasController,
  ],
  providers: [AuditEvents, AuditReads, AuditStream, AuditExport, LogReader, LogTails, Checkpoints, UserProofs],
})
export class AuditModule {}
