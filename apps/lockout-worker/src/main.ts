import { Sealer } from '#persistence';
import { runApp, startApps } from '#process';
import { description } from './description.js';
import { LockoutWorkerModule } from './lockout-worker.module.js';

await runApp({ description, poolSize: 6, queue: 'needed' }, ({ keys, ...parts }) => {
  const { logger } = parts;
  return startApps(parts, [LockoutWorkerModule.with({ logger, sealer: new Sealer(keys.sealing) })]);
});
