import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation, type OperationOptions } from '../http/operation.js';
import { Receipts } from './receipts.js';

const provider = z
  .string()
  .min(1)
  .max(40)
  .meta({ description: '`vonage`, `twilio`, or `http` for a sender of your own' });

const operation = {
  summary: 'Take a delivery receipt of a provider',
  about:
    'Called by providers, not by panels. The receipt is checked by the signature of its provider: `sig` of Vonage, `X-Twilio-Signature` of Twilio, Standard Webhooks of `http`. Repeats, receipts out of order and receipts of deliveries that are gone get 200 too.',
  scope: null,
  status: 200,
  answer: z.object({ received: z.literal(true) }),
  refusals: ['receipt_refused', 'not_found'],
  raw: true,
} as const satisfies OperationOptions;

@ApiTags('deliveries')
@Controller('v1/providers')
export class ReceiptsController {
  constructor(private readonly receipts: Receipts) {}

  @Post(':provider/receipts')
  @Operation(operation)
  post(@Param('provider', { schema: provider }) name: string, @Req() request: FastifyRequest) {
    return this.take(name, request);
  }

  @Get(':provider/receipts')
  @Operation({ ...operation, summary: 'Take a delivery receipt that Vonage sends as a query' })
  get(@Param('provider', { schema: provider }) name: string, @Req() request: FastifyRequest) {
    return this.take(name, request);
  }

  private async take(name: string, { url, headers, body }: FastifyRequest) {
    await this.receipts.take(name, { url, headers, body: Buffer.isBuffer(body) ? body : undefined });
    return { received: true };
  }
}
