import { Controller, Get, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Authentication, type KeyOwner } from '../http/authentication.js';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { streamQuery, type StreamQuery } from './audit-events.schema.js';
import { AuditStream } from './audit-stream.js';

@ApiTags('audit')
@Controller('v1/audit')
export class AuditStreamController {
  constructor(
    private readonly events: AuditStream,
    private readonly authentication: Authentication,
  ) {}

  @Get('stream')
  @Operation({
    summary: 'Follow sealed events live',
    about: `Server-Sent Events: \`id\` is the event's id, \`data\` the event as \`GET /v1/audit/events\` shows it. A client that sends its last id as \`Last-Event-ID\` continues after it, at any gateway, with no gap and no repeat; without one it gets what comes from now on. An empty comment comes every 10 seconds. The stream ends when the gateway stops or the API key is no longer valid, and the connection of a client that does not read it is closed.`,
    scope: 'audit',
    status: 200,
    streams: ['text/event-stream'],
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Continue after this event' })
  async stream(
    @CallerParam() caller: Caller,
    @Query({ schema: streamQuery }) query: StreamQuery,
    @Req() { headers }: FastifyRequest,
  ): Promise<StreamableFile> {
    const lastEventId = headers['last-event-id'];
    const stream = await this.events.open({
      caller,
      query,
      // A client that has not got an id yet may send an empty one.
      lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined,
      isAllowed: () => this.isAllowed(headers.authorization),
    });
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }

  private async isAllowed(authorization: string | undefined): Promise<boolean> {
    const key = this.authentication.keyOf(authorization) ?? '';
    const owner: KeyOwner | undefined = this.authentication.recall(key) ?? (await this.authentication.find(key));
    return owner !== undefined && !owner.ended && owner.scopes.includes('audit');
  }
}
