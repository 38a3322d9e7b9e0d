import { Module } from '@nestjs/common';
import { PolicyController } from './policy.controller.js';
import { Policies } from './policies.js';

@Module({
  controllers: [PolicyController],
  providers: [Policies],
})
export class PolicyModule {}
