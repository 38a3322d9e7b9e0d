import { Module } from '@nestjs/common';
import { LockoutsController } from './lockouts.controller.js';
import { Lockouts } from './lockouts.js';

@Module({
  controllers: [LockoutsController],
  providers: [Lockouts],
})
export class LockoutsModule {}
