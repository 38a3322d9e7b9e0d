import { Module } from '@nestjs/common';
import { RecoveryCodesController } from './recovery-codes.controller.js';
import { RecoveryCodes } from './recovery-codes.js';

@Module({
  controllers: [RecoveryCodesController],
  providers: [RecoveryCodes],
})
export class RecoveryCodesModule {}
