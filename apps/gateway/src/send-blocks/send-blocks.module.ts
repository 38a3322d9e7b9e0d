import { Module } from '@nestjs/common';
import { SendBlocksController } from './send-blocks.controller.js';
import { SendBlocks } from './send-blocks.js';

@Module({
  controllers: [SendBlocksController],
  providers: [SendBlocks],
})
export class SendBlocksModule {}
