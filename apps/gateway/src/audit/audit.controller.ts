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
    summary: 'List sealed events',
    about: 'An empty page returns the same cursor: use it again later to get new events.',
    scope: 'audit',
    status: 200,
    answer: list(auditEvent),
  })
  list(@CallerParam() caller: Caller, @Query({ schema: auditQuery }) query: AuditQuery) {
    return this.audit.list(caller, query);
  }
}
