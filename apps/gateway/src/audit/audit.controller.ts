import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { list } from '../http/schemas.js';
import { AuditEvents } from './audit-events.js';
import { auditEvent, auditQuery, type AuditQuery } from './audit-events.schema.js';
import { Checkpoints } from './checkpoints.js';
import {
  checkpoint,
  checkpointsQuery,
  consistencyAnswer,
  consistencyQuery,
  inclusionAnswer,
  inclusionQuery,
  type CheckpointsQuery,
  type ConsistencyQuery,
} from './checkpoints.schema.js';

@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly audit: AuditEvents,
    private readonly log: Checkpoints,
  ) {}

  @Get('events')
  @Operation({
    summary: 'List sealed events',
    about:
      'An empty page returns the same cursor: use it again later to get new events. What is personal in them takes the scope `audit:personal` as well.',
    scope: 'audit',
    status: 200,
    answer: list(auditEvent),
  })
  list(@CallerParam() caller: Caller, @Query({ schema: auditQuery }) query: AuditQuery) {
    return this.audit.list(caller, query);
  }

  @Get('checkpoints')
  @Operation({
    summary: 'List signed checkpoints of the log',
    about: 'An empty page returns the same cursor: use it again later to get new checkpoints.',
    scope: 'audit',
    status: 200,
    answer: list(checkpoint),
  })
  checkpoints(@CallerParam() caller: Caller, @Query({ schema: checkpointsQuery }) query: CheckpointsQuery) {
    return this.log.list(caller, query);
  }

  @Get('proofs')
  @Operation({
    summary: 'Prove that an event is in the log',
    about: 'The answer holds a file that `npm run audit:verify --proof` and other programs verify without the log.',
    scope: 'audit',
    status: 200,
    answer: inclusionAnswer,
  })
  inclusion(@CallerParam() caller: Caller, @Query({ schema: inclusionQuery }) { eventId }: { eventId: string }) {
    return this.log.inclusion(caller, eventId);
  }

  @Get('proofs/consistency')
  @Operation({
    summary: 'Prove that the log only grew between two sizes',
    scope: 'audit',
    status: 200,
    answer: consistencyAnswer,
  })
  consistency(@CallerParam() caller: Caller, @Query({ schema: consistencyQuery }) query: ConsistencyQuery) {
    return this.log.consistency(caller, query);
  }
}
