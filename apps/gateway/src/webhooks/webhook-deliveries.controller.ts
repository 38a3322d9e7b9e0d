import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id, list } from '../http/schemas.js';
import { WebhookDeliveries } from './webhook-deliveries.js';
import {
  deliveriesQuery,
  deliveryAnswer,
  manyRedeliveredAnswer,
  redeliverBody,
  redeliveredAnswer,
  type DeliveriesQuery,
  type RedeliverBody,
} from './webhooks.schema.js';

const webhookParam = { schema: id('whk') };

@ApiTags('webhooks')
@Controller('v1/webhooks/:webhookId')
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Get('deliveries')
  @Operation({
    summary: 'List the deliveries of a webhook with their attempts, newest first',
    about: 'They are kept for 30 days.',
    scope: 'audit',
    status: 200,
    answer: list(deliveryAnswer),
  })
  list(
    @CallerParam() caller: Caller,
    @Param('webhookId', webhookParam) webhookId: string,
    @Query({ schema: deliveriesQuery }) query: DeliveriesQuery,
  ) {
    return this.deliveries.list(caller, webhookId, query);
  }

  @Post('deliveries/:deliveryId/redeliver')
  @Operation({
    summary: 'Send an event to a webhook once more',
    scope: 'admin',
    status: 202,
    answer: redeliveredAnswer,
    refusals: ['webhook_disabled', 'webhook_delivery_queued'],
  })
  redeliver(
    @CallerParam() caller: Caller,
    @Param('webhookId', webhookParam) webhookId: string,
    @Param('deliveryId', { schema: id('whd') }) deliveryId: string,
  ) {
    return this.deliveries.redeliver(caller, webhookId, deliveryId);
  }

  @Post('redeliver')
  @Operation({
    summary: 'Send many events to a webhook once more, oldest first',
    about: 'Those of deliveries that were made in some time, or only those that have not arrived; 1000 in one call.',
    scope: 'admin',
    status: 202,
    answer: manyRedeliveredAnswer,
    refusals: ['webhook_disabled'],
  })
  redeliverMany(
    @CallerParam() caller: Caller,
    @Param('webhookId', webhookParam) webhookId: string,
    @Body({ schema: redeliverBody }) body: RedeliverBody,
  ) {
    return this.deliveries.redeliverMany(caller, webhookId, body);
  }
}
