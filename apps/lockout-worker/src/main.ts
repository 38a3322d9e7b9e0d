import { Sealer } from '#persistence';
import { runService } from '#service';
import { startLockoutWorker } from './app.js';
import { description } from './description.js';

await runService({ description, poolSize: 6, queue: 'needed' }, ({ keys, ...parts }) =>
  startLockoutWorker({ ...parts, sealer: new Sealer(keys.sealing) }),
);
