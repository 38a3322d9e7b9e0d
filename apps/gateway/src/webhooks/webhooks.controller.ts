import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id, list } from '../http/schemas.js';
import { Webhooks } from './webhooks.js';
import {
  changeBody,
  createBody,
  createdAnswer,
  listWebhooksQuery,
  rotateBody,
  testedAnswer,
  webhookAnswer,
  type ChangeBody,
  type CreateBody,
  type ListWebhooksQuery,
} from './webhooks.schema.js';

const webhookParam = { schema: id('whk') };

@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Post()
  @Operation({
    summary: 'Create a webhook',
    about:
      'Events are sent to it as they are sealed into the audit log, as CloudEvents signed by the rules of Standard Webhooks, without what is personal. See docs/webhooks.md.',
    scope: 'admin',
    status: 201,
    answer: createdAnswer,
    refusals: ['webhook_limit_reached'],
    secret: true,
  })
  create(@CallerParam() caller: Caller, @Body({ schema: createBody }) body: CreateBody) {
    return this.webhooks.create(caller, body);
  }

  @Get()
  @Operation({ summary: 'List webhooks', scope: 'audit', status: 200, answer: list(webhookAnswer) })
  list(@CallerParam() caller: Caller, @Query({ schema: listWebhooksQuery }) page: ListWebhooksQuery) {
    return this.webhooks.list(caller, page);
  }

  @Get(':webhookId')
  @Operation({ summary: 'Get a webhook', scope: 'audit', status: 200, answer: webhookAnswer })
  get(@CallerParam() caller: Caller, @Param('webhookId', webhookParam) webhookId: string) {
    return this.webhooks.get(caller, webhookId);
  }

  @Patch(':webhookId')
  @Operation({ summary: 'Change, disable or enable a webhook', scope: 'admin', status: 200, answer: webhookAnswer })
  change(
    @CallerParam() caller: Caller,
    @Param('webhookId', webhookParam) webhookId: string,
    @Body({ schema: changeBody }) body: ChangeBody,
  ) {
    return this.webhooks.change(caller, webhookId, body);
  }

  @Delete(':webhookId')
  @Operation({ summary: 'Delete a webhook', scope: 'admin', status: 204 })
  delete(@CallerParam() caller: Caller, @Param('webhookId', webhookParam) webhookId: string): Promise<void> {
    return this.webhooks.delete(caller, webhookId);
  }

  @Post(':webhookId/secret')
  @Operation({
    summary: 'Give a webhook a new secret',
    about: 'The old one signs beside it for some hours, so that the receiver can change over.',
    scope: 'admin',
    status: 200,
    answer: createdAnswer,
    secret: true,
  })
  rotate(
    @CallerParam() caller: Caller,
    @Param('webhookId', webhookParam) webhookId: string,
    @Body({ schema: rotateBody }) { overlapHours }: z.infer<typeof rotateBody>,
  ) {
    return this.webhooks.rotate(caller, webhookId, overlapHours);
  }

  @Post(':webhookId/test')
  @Operation({
    summary: 'Send a test event to a webhook',
    about: 'A real event, `webhook.tested`, which is sent to this webhook whatever its types, and to no other.',
    scope: 'admin',
    status: 202,
    answer: testedAnswer,
    refusals: ['webhook_disabled'],
  })
  test(@CallerParam() caller: Caller, @Param('webhookId', webhookParam) webhookId: string) {
    return this.webhooks.test(caller, webhookId);
  }
}
