import { Module } from '@nestjs/common';
import { AuditEvents } from './audit-events.js';
import { AuditStreamController } from './audit-stream.controller.js';
import { AuditStream } from './audit-stream.js';
import { AuditController } from './audit.controller.js';
import { AuditKeysController } from './audit-keys.controller.js';
import { Checkpoints } from './checkpoints.js';
import { LogTails } from './log-tails.js';

@Module({
  controllers: [AuditController, AuditStreamController, AuditKeysController],
  providers: [AuditEvents, AuditStream, LogTails, Checkpoints],
})
export class AuditModule {}
