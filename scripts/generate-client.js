/**
 * Writes what follows from the gateway's own OpenAPI document: the document itself, openapi.json, so that a change of the API
 * shows as a diff, and the client's types, libs/client/src/api.ts. With `--check` it only says whether they are up to date;
 * this also works where the client's types keep the project from being built.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { answerHelp } from './answer-help.ts';
import { describeGateway } from './describe-gateway.js';

answerHelp(
  "npm run generate:client [-- --check]: writes openapi.json and the client's types from the gateway's own description; --check only compares.",
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');

async function typesOf(document) {
  // What has a default may be left out by who sends it; what is answered says by itself that it is always there.
  const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
  const words =
    '// Generated from the OpenAPI document of the gateway. Change that, then run "npm run generate:client".\n\n';
  return words + types;
}

/** @returns {Promise<Record<string, string>>} the text of each generated file, by its path in the repository */
async function generate() {
  process.stderr.write('Reading the API from the sources of the gateway …\n');
  const document = await describeGateway();
  process.stderr.write(`Writing ${Object.keys(document.paths).length} paths …\n`);
  // The types are made last: openapi-typescript is free to change what it is given.
  const texts = { 'openapi.json': JSON.stringify(document), 'libs/client/src/api.ts': await typesOf(document) };
  for (const [file, text] of Object.entries(texts)) {
    const filepath = join(root, file);
    texts[file] = await format(text, { ...(await resolveConfig(filepath)), filepath });
  }
  return texts;
}

function isCurrent([file, text]) {
  const path = join(root, file);
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}

try {
  const texts = Object.entries(await generate());
  const names = texts.map(([file]) => file).join(' and ');
  const stale = texts.filter((entry) => !isCurrent(entry)).map(([file]) => file);
  if (!process.argv.includes('--check')) {
    for (const [file, text] of texts) writeFileSync(join(root, file), text);
    process.stderr.write(`Wrote ${names}.\n`);
  } else if (stale.length > 0) {
    throw new Error(`not what the gateway describes: ${stale.join(', ')}. Run "npm run generate:client".`);
  } else {
    process.stderr.write(`${names} are what the gateway describes.\n`);
  }
} catch (error) {
  process.stderr.write(`sallyport: the description of the API: ${error.message}\n`);
  if (!error.message.includes('generate:client')) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
