import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId, id } from '../http/schemas.js';
import { trustedBrowserAnswer, TrustedBrowsers } from './trusted-browsers.js';

@ApiTags('trusted browsers')
@Controller('v1/accounts/:accountId/users/:userId/trusted-browsers')
export class TrustedBrowsersController {
  constructor(private readonly browsers: TrustedBrowsers) {}

  @Get()
  @Operation({
    summary: "List a user's trusted browsers, newest first",
    scope: 'devices',
    status: 200,
    answer: z.object({ data: z.array(trustedBrowserAnswer), nextCursor: z.null() }),
  })
  async list(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return { data: await this.browsers.list(caller, accountId, userId), nextCursor: null };
  }

  @Delete(':trustedBrowserId')
  @Operation({ summary: 'Revoke a trusted browser', scope: 'devices', status: 204 })
  async revoke(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Param('trustedBrowserId', { schema: id('tbr') }) browserId: string,
  ): Promise<void> {
    await this.browsers.revoke(caller, accountId, userId, browserId);
  }

  @Delete()
  @Operation({ summary: "Revoke all of a user's trusted browsers", scope: 'devices', status: 204 })
  async revokeAll(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ): Promise<void> {
    await this.browsers.revokeAll(caller, accountId, userId);
  }
}
