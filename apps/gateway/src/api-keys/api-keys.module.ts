import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.js';
import { ApiKeysController } from './api-keys.controller.js';

@Module({
  controllers: [ApiKeysController],
  providers: [ApiKeys],
})
export class ApiKeysModule {}
