import { runService } from '#service';
import { auditStateDir, startAuditWorker } from './app.js';
import { description } from './description.js';

// It seals, signs beside that, and answers for its health.
await runService({ description, poolSize: 3, queue: 'none' }, async ({ database, logger, keys, readiness }) => {
  const parts = { database, logger, checkpointKey: keys.checkpoint, stateDir: auditStateDir() };
  const worker = await startAuditWorker(parts);
  readiness.watch(worker.health);
  return worker;
});
