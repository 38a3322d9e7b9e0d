import { Module } from '@nestjs/common';
import { Accounts } from './accounts.js';
import { AccountsController } from './accounts.controller.js';

@Module({
  controllers: [AccountsController],
  providers: [Accounts],
})
export class AccountsModule {}
