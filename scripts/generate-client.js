/**
 * Writes the client's types, libs/client/src/api.ts, from the gateway's own OpenAPI document; with `--check` it only says
 * whether they are those. The gateway is not started and needs no database: its sources, compiled as Jest compiles
 * them, describe themselves. So this also works where the client's types keep the project from being built.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import jest from '../jest.config.js';
import { answerHelp } from './answer-help.ts';

answerHelp(
  "npm run generate:client [-- --check]: writes the client's types from the gateway's OpenAPI document; --check only compares.",
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'libs/client/src/api.ts');
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

async function describeGateway() {
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

async function generate() {
  process.stderr.write('Reading the API from the sources of the gateway …\n');
  const document = await describeGateway();
  process.stderr.write(`Writing types for ${Object.keys(document.paths).length} paths …\n`);
  // What has a default may be left out by who sends it; what is answered says by itself that it is always there.
  const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
  const words =
    '// Generated from the OpenAPI document of the gateway. Change that, then run "npm run generate:client".\n\n';
  return format(words + types, { ...(await resolveConfig(target)), filepath: target });
}

try {
  const text = await generate();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
    process.stderr.write('Wrote libs/client/src/api.ts.\n');
  } else if (readFileSync(target, 'utf8') !== text) {
    throw new Error('libs/client/src/api.ts is not what the gateway describes. Run "npm run generate:client".');
  } else {
    process.stderr.write('libs/client/src/api.ts is what the gateway describes.\n');
  }
} catch (error) {
  process.stderr.write(`sallyport: the types of the client: ${error.message}\n`);
  if (!error.message.includes('generate:client')) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
