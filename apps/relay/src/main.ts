import { runWorker } from '#process';
import { description } from './description.js';
import { RelayModule } from './relay.module.js';

await runWorker({ description, poolSize: 4, queue: 'needed' }, ({ logger }) => RelayModule.with({ logger }));
