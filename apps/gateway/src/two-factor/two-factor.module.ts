import { Module } from '@nestjs/common';
import { TwoFactorController } from './two-factor.controller.js';
import { TwoFactor } from './two-factor.js';

@Module({
  controllers: [TwoFactorController],
  providers: [TwoFactor],
})
export class TwoFactorModule {}
