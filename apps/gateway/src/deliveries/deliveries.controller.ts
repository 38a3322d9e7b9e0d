import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id, list } from '../http/schemas.js';
import { Deliveries, deliveriesQuery, deliveryAnswer } from './deliveries.js';
import { DeliverySummary, summaryAnswer, summaryQuery } from './delivery-summary.js';

@ApiTags('deliveries')
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly summary: DeliverySummary,
  ) {}

  @Get('summary')
  @Operation({
    summary: 'Summarize deliveries: attempts, receipts, codes entered, cost and times, by route and country',
    about: 'Counts messages that were accepted between `from` and `to`, 31 days at most.',
    scope: 'challenges',
    status: 200,
    answer: summaryAnswer,
  })
  summarize(@CallerParam() caller: Caller, @Query({ schema: summaryQuery }) query: z.infer<typeof summaryQuery>) {
    return this.summary.summarize(caller, query);
  }

  @Get(':deliveryId')
  @Operation({ summary: 'Get a delivery and its attempts', scope: 'challenges', status: 200, answer: deliveryAnswer })
  get(@CallerParam() caller: Caller, @Param('deliveryId', { schema: id('dlv') }) deliveryId: string) {
    return this.deliveries.get(caller, deliveryId);
  }

  @Get()
  @Operation({
    summary: 'List deliveries, newest first',
    scope: 'challenges',
    status: 200,
    answer: list(deliveryAnswer),
  })
  list(@CallerParam() caller: Caller, @Query({ schema: deliveriesQuery }) query: z.infer<typeof deliveriesQuery>) {
    return this.deliveries.list(caller, query);
  }
}
