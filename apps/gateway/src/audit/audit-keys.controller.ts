import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Operation } from '../http/operation.js';
import { id } from '../http/schemas.js';
import { Checkpoints } from './checkpoints.js';

/** The keys with which anybody verifies what a log has signed. Whoever knows a tenant's id may know them. */
@ApiTags('audit')
@Controller()
export class AuditKeysController {
  constructor(private readonly checkpoints: Checkpoints) {}

  @Get('.well-known/audit-keys/:tenantId')
  @Operation({
    summary: "Public keys that verify checkpoints of a tenant's audit log",
    about:
      'Compare them once with what the operator told you another way: a key that comes with the log proves nothing by itself.',
    scope: null,
    status: 200,
    answer: z.object({
      keys: z.array(z.string()).meta({
        description:
          'vkeys (C2SP signed-note), the oldest first. One a line they are what `npm run audit:verify --keys` reads',
      }),
    }),
    refusals: ['not_found'],
  })
  @Header('cache-control', 'public, max-age=300')
  keys(@Param('tenantId', { schema: id('tnt') }) tenantId: string) {
    return this.checkpoints.keys(tenantId);
  }
}
