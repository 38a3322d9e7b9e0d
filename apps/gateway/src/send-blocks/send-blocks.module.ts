import { Module } from '@nestjs/common';
import { SendBlocks } from './send-blocks.js';
import { SendBlocksController } from './send-blocks.controller.js';

@Module({
  controllers: [SendBlocksController],
  providers: [SendBlocks],
})
export class SendBlocksModule {}
