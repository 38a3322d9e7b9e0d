import { Module } from '@nestjs/common';
import { Deliveries } from './deliveries.js';
import { DeliverySummary } from './delivery-summary.js';
import { DeliveriesController } from './deliveries.controller.js';

@Module({
  controllers: [DeliveriesController],
  providers: [Deliveries, DeliverySummary],
})
export class DeliveriesModule {}
