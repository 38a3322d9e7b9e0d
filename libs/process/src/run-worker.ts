import type { DynamicModule } from '@nestjs/common';
import type { Keys } from '#runtime';
import { runApp, type AppOptions, type AppParts } from './run-app.js';
import { startApps } from './start-apps.js';

/** One separate process of an app without an API, which says by its module what is its own. */
export function runWorker<K extends keyof Keys>(
  options: AppOptions<K>,
  moduleOf: (parts: Pick<AppParts<K>, 'keys' | 'logger'>) => DynamicModule,
): Promise<void> {
  return runApp(options, ({ keys, ...parts }) => startApps(parts, [moduleOf({ keys, logger: parts.logger })]));
}
