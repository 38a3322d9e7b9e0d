/**
 * The gateway's own OpenAPI document. The gateway is not started and needs no database: its sources, compiled as Jest
 * compiles them, describe themselves.
 */
import './from-sources.js';

export async function describeGateway() {
  await import('reflect-metadata');
  const { NestFactory } = await import('@nestjs/core');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { generateKeyFile, loadKeys } = await import('../libs/runtime/src/index.ts');
  const { GatewayModule } = await import('../apps/gateway/src/gateway.module.ts');
  const { describeApi } = await import('../apps/gateway/src/http/openapi.ts');
  const keys = loadKeys(['sealing', 'webhook', 'pepper', 'proof'], { SALLYPORT_KEYS: generateKeyFile() });
  // In a preview Nest knows the controllers and makes nothing that would look for a database.
  const app = await NestFactory.create(
    GatewayModule.with({ database: {}, readiness: {}, keys, webhookAllowPrivate: false }),
    new FastifyAdapter(),
    { preview: true, logger: false, abortOnError: false },
  );
  return describeApi(app);
}
