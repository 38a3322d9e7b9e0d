import { Module } from '@nestjs/common';
import { Users } from './users.js';
import { UsersController } from './users.controller.js';

@Module({
  controllers: [UsersController],
  providers: [Users],
})
export class UsersModule {}
