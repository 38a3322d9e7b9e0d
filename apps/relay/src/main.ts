import { runService } from '#service';
import { startRelay } from './app.js';
import { description } from './description.js';

await runService({ description, poolSize: 4, queue: 'needed' }, async ({ readiness, ...parts }) => {
  const relay = await startRelay(parts);
  readiness.watch(relay.health);
  return relay;
});
