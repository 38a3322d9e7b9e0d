import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { newId } from '#contracts';
import type { Logger, RunningApp } from '#runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayModule } from './gateway.module.js';
import { Admission } from './http/admission.js';
import { limitsFor, type AdmissionLimits } from './http/admission-limits.js';
import { AllowedMethods } from './http/allowed-methods.js';
import { Authentication } from './http/authentication.js';
import { registerBodyParser } from './http/body-parser.js';
import { connectionBounds, Connections, serverOptions, type ConnectionBounds } from './http/connections.js';
import { contentPolicy, serveDocs } from './http/docs.js';
import { observeAdmission, observeRequests } from './http/metrics.js';
import { Overload } from './http/overload.js';
import { ProblemFilter } from './http/problem.filter.js';
import { bodyLimit } from './http/read-json.js';
import { receiveCalls } from './http/receive-calls.js';
import { RefusedKeys } from './http/refused-keys.js';
import { traceCalls } from './http/trace-calls.js';
import type { SharedParts } from './shared.module.js';

export { configuredReceipts } from './receipts/configured-receipts.js';

export interface GatewayOptions extends SharedParts {
  readonly logger: Logger;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Called after each call that may have left work in the outbox. */
  readonly onWork?: () => void;
  /** In place of those that operators get. */
  readonly bounds?: Partial<ConnectionBounds>;
  readonly limits?: AdmissionLimits;
  /** How long it still takes calls once it is to stop and says that it is not ready, in ms: 0 where left out. */
  readonly shutdownDelayMs?: number;
}

export interface RunningGateway extends RunningApp {
  readonly url: string;
}

/** Starts the only HTTP API. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { logger } = options;
  const bounds = { ...connectionBounds, ...options.bounds };
  const limits = options.limits ?? limitsFor(options.database.connections);
  const adapter = new FastifyAdapter({
    bodyLimit,
    http: serverOptions(bounds),
    requestTimeout: bounds.requestMs,
    connectionTimeout: bounds.silenceMs,
    clientErrorHandler: (error, socket) => app.get(Connections).refuse(error, socket),
    // What comes on an open connection meanwhile is answered, and the connection closed.
    return503OnClosing: false,
    genReqId: () => newId('request'),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1000, ignoreTrailingSlash: false },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      for (const [name, value] of headersOfEveryAnswer(request)) void reply.header(name, value);
      app.get(ProblemFilter).answer(error, request, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.with({ ...options, bounds, limits }),
    adapter,
    {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  const fastify = adapter.getInstance();
  const connections = app.get(Connections);
  const admission = app.get(Admission);
  registerBodyParser(fastify as never);
  traceCalls(fastify as never);
  observeRequests(fastify as never, logger);
  observeAdmission(admission, connections);
  fastify.addHook('onRequest', (request, reply, done) => {
    for (const [name, value] of headersOfEveryAnswer(request)) void reply.header(name, value);
    if (connections.held) void connections.held.then(() => done());
    else done();
  });
  const allowedMethods = app.get(AllowedMethods);
  allowedMethods.watch(fastify as never);
  receiveCalls(fastify as never, {
    allowedMethods,
    authentication: app.get(Authentication),
    refusedKeys: app.get(RefusedKeys),
    admission,
    connections,
    overload: app.get(Overload),
    filter: app.get(ProblemFilter),
  });
  const { onWork } = options;
  if (onWork) {
    fastify.addHook('onResponse', (request, _reply, done) => {
      if (request.method !== 'GET') onWork();
      done();
    });
  }
  serveDocs(app);
  // For "localhost" Fastify opens a second server, for ::1, which would know none of the bounds.
  const host = options.host === 'localhost' ? '127.0.0.1' : options.host;
  await app.listen({ host, port: options.port }).catch((error: Error) => {
    throw Object.assign(error, { settings: { host: 'HOST', port: 'PORT' } });
  });
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    url,
    async stop() {
      options.readiness.drain();
      // Whoever keeps a connection is told with each answer to take another one: at the end hardly any is left to be cut.
      connections.announceEnd();
      await sleep(options.shutdownDelayMs ?? 0);
      await connections.stopListening();
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
