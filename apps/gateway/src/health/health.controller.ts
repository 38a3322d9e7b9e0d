import { Controller, Get, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Readiness, readinessAnswer, type ReadinessAnswer } from '#process';
import { Operation } from '../http/operation.js';

@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('healthz')
  @Operation({
    summary: 'Liveness: the process is running',
    scope: null,
    status: 200,
    answer: z.object({ status: z.literal('ok') }),
  })
  healthz() {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Operation({
    summary: 'Readiness: database, queue and clock work',
    scope: null,
    status: 200,
    answer: readinessAnswer,
  })
  @ApiResponse({ status: 503, description: 'Not ready', standardSchema: readinessAnswer })
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const answer = await this.readiness.look();
    void reply.status(answer.status === 'ready' ? 200 : 503);
    return answer;
  }
}
