import { Module } from '@nestjs/common';
import { Lockouts } from './lockouts.js';
import { LockoutsController } from './lockouts.controller.js';

@Module({
  controllers: [LockoutsController],
  providers: [Lockouts],
})
export class LockoutsModule {}
