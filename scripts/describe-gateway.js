/**
 * The gateway's own OpenAPI document. The gateway is not started and needs no database: its sources, compiled as Jest
 * compiles them, describe themselves.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import jest from '../jest.config.js';

const [, compilation] = jest.projects[0].transform['^.+\\.ts$'];
const isOurs = (url) => url.startsWith('file:') && url.endsWith('.ts') && !url.includes('/node_modules/');

registerHooks({
  resolve(specifier, context, next) {
    // TypeScript writes imports with the suffix of the output.
    const ours = specifier.startsWith('.') && context.parentURL !== undefined && isOurs(context.parentURL);
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!isOurs(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...compilation, filename, swcrc: false });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

export async function describeGateway() {
  await import('reflect-metadata');
  const { NestFactory } = await import('@nestjs/core');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { generateKeyFile, loadKeys } = await import('../libs/runtime/src/index.ts');
  const { GatewayModule } = await import('../apps/gateway/src/gateway.module.ts');
  const { describeApi } = await import('../apps/gateway/src/http/openapi.ts');
  const keys = loadKeys(['sealing', 'pepper', 'proof'], { SALLYPORT_KEYS: generateKeyFile() });
  // In a preview Nest knows the controllers and makes nothing that would look for a database.
  const app = await NestFactory.create(
    GatewayModule.with({ database: {}, readiness: {}, keys }),
    new FastifyAdapter(),
    { preview: true, logger: false, abortOnError: false },
  );
  return describeApi(app);
}
