/**
 * Lets a script import the sources of the project, compiled as Jest compiles them: also where they can't be built yet, since
 * what the script writes is missing. For `node --conditions=source`.
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
