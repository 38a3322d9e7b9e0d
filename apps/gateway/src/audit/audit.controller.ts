import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { list } from '../http/schemas.js';
import { auditEvent, AuditEvents, auditQuery, type AuditQuery } from './audit-events.js';

@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditEvents) {}

  @Get('events')
  @Operation({
    summary: 'Read the sealed events',
    about: 'An empty page repeats its place: ask again with it for what comes later.',
    scope: 'audit',
    status: 200,
    answer: list(auditEvent),
  })
  list(@CallerParam() caller: Caller, @Query({ schema: auditQuery }) query: AuditQuery) {
    return this.audit.list(caller, query);
  }
}
