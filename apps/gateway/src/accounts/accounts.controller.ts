import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId, list, listQuery } from '../http/schemas.js';
import { accountAnswer, Accounts, putAccountBody, type PutAccount } from './accounts.js';

const query = z.strictObject(listQuery);

@ApiTags('accounts')
@Controller('v1/accounts')
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  @Put(':accountId')
  @Operation({ summary: 'Create or update an account', scope: 'accounts', status: 200, answer: accountAnswer })
  put(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Body({ schema: putAccountBody }) body: PutAccount,
  ) {
    return this.accounts.put(caller, accountId, body);
  }

  @Get(':accountId')
  @Operation({ summary: 'Get an account', scope: 'accounts', status: 200, answer: accountAnswer })
  get(@CallerParam() caller: Caller, @Param('accountId', { schema: externalId }) accountId: string) {
    return this.accounts.get(caller, accountId);
  }

  @Get()
  @Operation({ summary: 'List accounts', scope: 'accounts', status: 200, answer: list(accountAnswer) })
  list(@CallerParam() caller: Caller, @Query({ schema: query }) page: z.infer<typeof query>) {
    return this.accounts.list(caller, page);
  }
}
