import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { tenantAnswer } from './tenant.schema.js';
import { Tenants } from './tenants.js';

@ApiTags('tenant')
@Controller('v1/tenant')
export class TenantController {
  constructor(private readonly tenants: Tenants) {}

  @Get()
  @Operation({
    summary: 'Get the tenant and the API key of this call',
    scope: 'any',
    status: 200,
    answer: tenantAnswer,
  })
  show(@CallerParam() caller: Caller) {
    return this.tenants.show(caller);
  }
}
