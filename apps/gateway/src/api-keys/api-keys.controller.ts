import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id, list } from '../http/schemas.js';
import { ApiKeys } from './api-keys.js';
import {
  apiKeyAnswer,
  createBody,
  createdAnswer,
  listApiKeysQuery,
  type CreateApiKeyBody,
  type ListApiKeysQuery,
} from './api-keys.schema.js';

@ApiTags('API keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @Post()
  @Operation({ summary: 'Create an API key', scope: 'admin', status: 201, answer: createdAnswer, secret: true })
  create(@CallerParam() caller: Caller, @Body({ schema: createBody }) body: CreateApiKeyBody) {
    return this.apiKeys.create(caller, body);
  }

  @Get()
  @Operation({ summary: 'List API keys', scope: 'admin', status: 200, answer: list(apiKeyAnswer) })
  list(@CallerParam() caller: Caller, @Query({ schema: listApiKeysQuery }) page: ListApiKeysQuery) {
    return this.apiKeys.list(caller, page);
  }

  @Delete(':apiKeyId')
  @Operation({ summary: 'Revoke an API key', scope: 'admin', status: 204 })
  revoke(@CallerParam() caller: Caller, @Param('apiKeyId', { schema: id('key') }) apiKeyId: string): Promise<void> {
    return this.apiKeys.revoke(caller, apiKeyId);
  }
}
