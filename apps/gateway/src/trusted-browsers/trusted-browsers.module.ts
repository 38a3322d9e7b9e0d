import { Module } from '@nestjs/common';
import { TrustedBrowsersController } from './trusted-browsers.controller.js';
import { TrustedBrowsers } from './trusted-browsers.js';

@Module({
  controllers: [TrustedBrowsersController],
  providers: [TrustedBrowsers],
})
export class TrustedBrowsersModule {}
