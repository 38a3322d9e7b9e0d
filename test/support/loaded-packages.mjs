/**
 * Has a process write the name of each package of OpenTelemetry that it loads into the file LOADED_PACKAGES:
 * `NODE_OPTIONS="--import …/loaded-packages.mjs"`.
 */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const file = process.env.LOADED_PACKAGES;

registerHooks({
  load(url, context, next) {
    const name = /\/node_modules\/(@opentelemetry\/[\w-]+)\//.exec(url)?.[1];
    if (name !== undefined && file !== undefined) appendFileSync(file, `${name}\n`);
    return next(url, context);
  },
});
