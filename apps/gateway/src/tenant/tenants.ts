import { Injectable } from '@nestjs/common';
import { Problem } from '#contracts';
import { Database } from '#persistence';
import type { Caller } from '../http/caller.js';
import type { TenantAnswer } from './tenant.schema.js';
import { selectNames } from './tenant.sql.js';

@Injectable()
export class Tenants {
  constructor(private readonly database: Database) {}

  /**
   * The caller's tenant, and the API key of this call.
   * @throws {Problem} `unauthenticated`
   */
  async show({ tenantId, apiKeyId, application, scopes }: Caller): Promise<TenantAnswer> {
    const names = await this.database.one(selectNames, { tenantId, apiKeyId });
    if (!names) throw new Problem('unauthenticated');
    const apiKey = { id: apiKeyId, name: names.keyName, scopes: [...scopes], application };
    return { id: tenantId, name: names.name, apiKey };
  }
}
