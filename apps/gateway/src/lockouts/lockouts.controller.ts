import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId } from '../http/schemas.js';
import { lockoutAnswer, Lockouts } from './lockouts.js';

@ApiTags('lockouts')
@Controller('v1/accounts/:accountId/users/:userId/lockouts')
export class LockoutsController {
  constructor(private readonly lockouts: Lockouts) {}

  @Get()
  @Operation({
    summary: "List a user's lockouts, newest first",
    scope: 'accounts',
    status: 200,
    answer: z.object({ data: z.array(lockoutAnswer), nextCursor: z.null() }),
  })
  async list(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return { data: await this.lockouts.list(caller, accountId, userId), nextCursor: null };
  }

  @Delete()
  @Operation({ summary: "Lift a user's lockouts", scope: 'admin', status: 204 })
  async lift(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ): Promise<void> {
    await this.lockouts.lift(caller, accountId, userId);
  }
}
