import { Module } from '@nestjs/common';
import { UserLists } from './user-lists.js';
import { Users } from './users.js';
import { TenantUsersController, UsersController } from './users.controller.js';

@Module({
  controllers: [UsersController, TenantUsersController],
  providers: [Users, UserLists],
})
export class UsersModule {}
