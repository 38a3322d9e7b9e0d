import { Module } from '@nestjs/common';
import { TrustedBrowsers } from './trusted-browsers.js';
import { TrustedBrowsersController } from './trusted-browsers.controller.js';

@Module({
  controllers: [TrustedBrowsersController],
  providers: [TrustedBrowsers],
})
export class TrustedBrowsersModule {}
