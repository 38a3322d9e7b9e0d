import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Problem } from '#contracts';
import { Database, scopes, type Scope } from '#persistence';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id } from '../http/schemas.js';
import { selectNames } from './tenant.sql.js';

const tenantAnswer = z
  .object({
    id: id('tnt'),
    name: z.string(),
    apiKey: z
      .object({
        id: id('key'),
        name: z.string(),
        scopes: z.array(z.enum(scopes)),
        application: z.string().nullable().meta({ description: 'The application that the key is bound to' }),
      })
      .meta({ description: 'The API key of this call' }),
  })
  .meta({ id: 'Tenant' });

@ApiTags('tenant')
@Controller('v1/tenant')
export class TenantController {
  constructor(private readonly database: Database) {}

  @Get()
  @Operation({
    summary: 'Get the tenant and the API key of this call',
    scope: 'any',
    status: 200,
    answer: tenantAnswer,
  })
  async show(@CallerParam() caller: Caller) {
    const { tenantId, apiKeyId, application } = caller;
    const names = await this.database.one(selectNames, { tenantId, apiKeyId });
    if (!names) throw new Problem('unauthenticated');
    const granted: readonly Scope[] = caller.scopes;
    const apiKey = { id: apiKeyId, name: names.keyName, scopes: granted, application };
    return { id: tenantId, name: names.name, apiKey };
  }
}
