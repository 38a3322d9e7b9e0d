import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { exportQuery, type ExportQuery } from './audit-events.schema.js';
import { AuditExport } from './audit-export.js';

@ApiTags('audit')
@Controller('v1/audit')
export class AuditExportController {
  constructor(private readonly files: AuditExport) {}

  @Get('export')
  @Operation({
    summary: 'Export sealed events as a file',
    about: `All events that the log has when the call begins, oldest first. Formats: \`ndjson\`, the lines that were hashed, which \`npm run audit:verify\` reads (whole only without filters); \`cloudevents\`, one event a line as \`GET /v1/audit/events\` shows it; \`csv\`, where no cell begins a formula; \`cef\` (ArcSight); \`ocsf\` (1.5, Authentication and Account Change). If the connection is cut, continue with the id of the last event as \`cursor\`.`,
    scope: 'audit',
    status: 200,
    streams: ['application/x-ndjson', 'text/csv', 'text/plain'],
  })
  async export(
    @CallerParam() caller: Caller,
    @Query({ schema: exportQuery }) query: ExportQuery,
  ): Promise<StreamableFile> {
    const { content, type, fileName } = await this.files.open(caller, query);
    return new StreamableFile(content, { type, disposition: `attachment; filename="${fileName}"` });
  }
}
