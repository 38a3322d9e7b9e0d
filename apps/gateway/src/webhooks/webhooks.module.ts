import { Module } from '@nestjs/common';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookContacts } from './webhook-contacts.js';
import { Webhooks } from './webhooks.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({
  controllers: [WebhooksController, WebhookDeliveriesController],
  providers: [Webhooks, WebhookDeliveries, WebhookContacts],
})
export class WebhooksModule {}
