import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { sendBlockAnswer, SendBlocks } from './send-blocks.js';

/** Longer than other ids: the key that it is counted under. */
const blockId = z.string().max(80).meta({ description: 'Id, `sbl_…`' });

@ApiTags('sending')
@Controller('v1/send-blocks')
export class SendBlocksController {
  constructor(private readonly blocks: SendBlocks) {}

  @Get()
  @Operation({
    summary: 'List the active blocks of the SMS pumping guard, newest first',
    scope: 'admin',
    status: 200,
    answer: z.object({ data: z.array(sendBlockAnswer), nextCursor: z.null() }),
  })
  async list(@CallerParam() caller: Caller) {
    return { data: await this.blocks.list(caller), nextCursor: null };
  }

  @Delete(':blockId')
  @Operation({ summary: 'Lift a block for the rest of its time', scope: 'admin', status: 204 })
  async lift(@CallerParam() caller: Caller, @Param('blockId', { schema: blockId }) block: string): Promise<void> {
    await this.blocks.lift(caller, block);
  }
}
