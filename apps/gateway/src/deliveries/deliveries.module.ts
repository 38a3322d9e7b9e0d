import { Module } from '@nestjs/common';
import { Deliveries } from './deliveries.js';
import { DeliveriesController } from './deliveries.controller.js';

@Module({
  controllers: [DeliveriesController],
  providers: [Deliveries],
})
export class DeliveriesModule {}
