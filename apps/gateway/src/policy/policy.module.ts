import { Module } from '@nestjs/common';
import { Policies } from './policies.js';
import { PolicyController } from './policy.controller.js';

@Module({
  controllers: [PolicyController],
  providers: [Policies],
})
export class PolicyModule {}
