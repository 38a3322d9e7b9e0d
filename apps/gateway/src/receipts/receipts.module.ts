import { Module } from '@nestjs/common';
import { ReceiptsController } from './receipts.controller.js';
import { Receipts } from './receipts.js';
import { RefusedReceipts } from './refused-receipts.js';

@Module({
  controllers: [ReceiptsController],
  providers: [Receipts, RefusedReceipts],
})
export class ReceiptsModule {}
