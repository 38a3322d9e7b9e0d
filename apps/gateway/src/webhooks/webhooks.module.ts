import { Module } from '@nestjs/common';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { Webhooks } from './webhooks.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({
  controllers: [WebhooksController, WebhookDeliveriesController],
  providers: [Webhooks, WebhookDeliveries],
})
export class WebhooksModule {}
