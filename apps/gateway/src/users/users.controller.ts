import { Body, Controller, Delete, Get, Param, Patch, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId, list, listQuery } from '../http/schemas.js';
import { secondFactor, userCounts, UserLists } from './user-lists.js';
import { userSummary } from './user-summary.js';
import { putUserBody, userAnswer, Users, type PutUser } from './users.js';

const query = z.strictObject({ ...listQuery, twoFactor: secondFactor.optional() });
const tenantQuery = z.strictObject({ ...listQuery, twoFactor: secondFactor });
const countQuery = z.strictObject({ accountId: externalId.optional() });

@ApiTags('users')
@Controller('v1/accounts/:accountId/users')
export class UsersController {
  constructor(
    private readonly users: Users,
    private readonly lists: UserLists,
  ) {}

  @Put(':userId')
  @Operation({
    summary: 'Create or update a user',
    about: 'Fields that are left out stay unchanged; null clears a field.',
    scope: 'accounts',
    status: 200,
    answer: userAnswer,
    refusals: ['phone_invalid'],
  })
  put(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: putUserBody }) body: PutUser,
  ) {
    return this.users.put(caller, accountId, userId, body);
  }

  @Patch(':userId')
  @Operation({
    summary: 'Update a user',
    about: 'Like `PUT`, but does not create the user.',
    scope: 'accounts',
    status: 200,
    answer: userAnswer,
    refusals: ['phone_invalid'],
  })
  patch(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: putUserBody }) body: PutUser,
  ) {
    return this.users.patch(caller, accountId, userId, body);
  }

  @Get(':userId')
  @Operation({ summary: 'Get a user', scope: 'accounts', status: 200, answer: userAnswer })
  get(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return this.users.get(caller, accountId, userId);
  }

  @Get()
  @Operation({
    summary: "List an account's users",
    about: 'With `twoFactor=disabled`: the people without a second factor.',
    scope: 'accounts',
    status: 200,
    answer: list(userSummary),
  })
  list(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Query({ schema: query }) page: z.infer<typeof query>,
  ) {
    return this.lists.ofAccount(caller, accountId, page);
  }

  @Delete(':userId')
  @Operation({ summary: 'Erase a user', scope: 'admin', status: 204 })
  async erase(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ): Promise<void> {
    await this.users.erase(caller, accountId, userId);
  }
}

/** The users of all accounts: who has no second factor, and how many they are. */
@ApiTags('users')
@Controller('v1/users')
export class TenantUsersController {
  constructor(private readonly users: UserLists) {}

  @Get()
  @Operation({
    summary: 'List the users of all accounts by their second factor',
    about: 'With `twoFactor=disabled`: the people without a second factor.',
    scope: 'accounts',
    status: 200,
    answer: list(userSummary),
  })
  list(@CallerParam() caller: Caller, @Query({ schema: tenantQuery }) page: z.infer<typeof tenantQuery>) {
    return this.users.ofTenant(caller, page);
  }

  @Get('counts')
  @Operation({
    summary: 'Count users by their second factor',
    about: 'Of one account with `accountId`, of all accounts without it.',
    scope: 'accounts',
    status: 200,
    answer: userCounts,
  })
  counts(@CallerParam() caller: Caller, @Query({ schema: countQuery }) { accountId }: z.infer<typeof countQuery>) {
    return this.users.counts(caller, accountId);
  }
}
