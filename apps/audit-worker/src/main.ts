import { runApp, startApps } from '#process';
import { auditStateDir, AuditWorkerModule } from './audit-worker.module.js';
import { description } from './description.js';

// Without its queue it goes on: it looks by itself, too.
await runApp({ description, poolSize: 3, queue: 'optional' }, ({ keys, ...parts }) => {
  const { logger } = parts;
  return startApps(parts, [
    AuditWorkerModule.with({ logger, checkpointKey: keys.checkpoint, stateDir: auditStateDir() }),
  ]);
});
