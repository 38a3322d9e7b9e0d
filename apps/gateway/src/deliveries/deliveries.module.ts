import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { Deliveries } from './deliveries.js';

@Module({
  controllers: [DeliveriesController],
  providers: [Deliveries],
})
export class DeliveriesModule {}
