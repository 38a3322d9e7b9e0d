import { Module } from '@nestjs/common';
import { RecoveryCodes } from './recovery-codes.js';
import { RecoveryCodesController } from './recovery-codes.controller.js';

@Module({
  controllers: [RecoveryCodesController],
  providers: [RecoveryCodes],
})
export class RecoveryCodesModule {}
