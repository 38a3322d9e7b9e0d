import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { newId } from '#contracts';
import type { Logger, RunningApp } from '#runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayModule, type GatewayParts } from './gateway.module.js';
import { bodyLimit, registerBodyParser } from './http/body-parser.js';
import { contentPolicy, serveDocs } from './http/docs.js';
import { observeRequests } from './http/metrics.js';
import { ProblemFilter } from './http/problem.filter.js';

export interface GatewayOptions extends GatewayParts {
  readonly logger: Logger;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Called after each call that may have left work in the outbox. */
  readonly onWork?: () => void;
}

export interface RunningGateway extends RunningApp {
  readonly url: string;
}

/** Starts the only HTTP API. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { logger } = options;
  const filter = new ProblemFilter(logger);
  const adapter = new FastifyAdapter({
    bodyLimit,
    genReqId: () => newId('request'),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1000, ignoreTrailingSlash: false },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      for (const [name, value] of headersOfEveryAnswer(request)) void reply.header(name, value);
      filter.answer(error, request, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(options), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalFilters(filter);
  const fastify = adapter.getInstance();
  registerBodyParser(fastify as never);
  observeRequests(fastify as never, logger);
  fastify.addHook('onRequest', (request, reply, done) => {
    for (const [name, value] of headersOfEveryAnswer(request)) void reply.header(name, value);
    done();
  });
  const { onWork } = options;
  if (onWork) {
    fastify.addHook('onResponse', (request, _reply, done) => {
      if (request.method !== 'GET') onWork();
      done();
    });
  }
  serveDocs(app);
  await app.listen({ host: options.host, port: options.port });
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    url,
    async stop() {
      options.readiness.drain();
      await app.close();
    },
  };
}

function headersOfEveryAnswer(request: { readonly id: string; readonly url: string }): [string, string][] {
  return [
    ['x-request-id', request.id],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['content-security-policy', contentPolicy(request.url)],
    ['referrer-policy', 'no-referrer'],
  ];
}
