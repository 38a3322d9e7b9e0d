import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { ComplianceReports } from './compliance-report.js';
import { complianceAnswer, complianceQuery, type ComplianceQuery } from './compliance-report.schema.js';

@ApiTags('audit')
@Controller('v1/compliance')
export class ComplianceController {
  constructor(private readonly reports: ComplianceReports) {}

  @Get('report')
  @Operation({
    summary: 'Report how a set of rules is kept, control by control',
    about:
      'From live data, and signed. The same data give the same bytes: `asOf` is part of the report. It holds ids, and no names or addresses.',
    scope: 'audit',
    status: 200,
    answer: complianceAnswer,
  })
  report(@CallerParam() caller: Caller, @Query({ schema: complianceQuery }) query: ComplianceQuery) {
    return this.reports.report(caller, query);
  }
}
