import { Module } from '@nestjs/common';
import { ComplianceController } from './compliance.controller.js';
import { ComplianceReports } from './compliance-report.js';

@Module({
  controllers: [ComplianceController],
  providers: [ComplianceReports],
})
export class ComplianceModule {}
