import { Module } from '@nestjs/common';
import { TwoFactor } from './two-factor.js';
import { TwoFactorController } from './two-factor.controller.js';

@Module({
  controllers: [TwoFactorController],
  providers: [TwoFactor],
})
export class TwoFactorModule {}
