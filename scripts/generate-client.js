/**
 * Writes the client's types, libs/client/src/api.ts, from the gateway's own OpenAPI document; with `--check` it only says
 * whether they are those. So this also works where the client's types keep the project from being built.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { answerHelp } from './answer-help.ts';
import { describeGateway } from './describe-gateway.js';

answerHelp(
  "npm run generate:client [-- --check]: writes the client's types from the gateway's OpenAPI document; --check only compares.",
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'libs/client/src/api.ts');

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
