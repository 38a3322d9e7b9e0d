import { runWorker } from '#process';
import { requiredSetting } from '#runtime';
import { auditStateDir, AuditWorkerModule, readCollectors, readWitnesses } from './audit-worker.module.js';
import { description } from './description.js';

// Without its queue it goes on: it looks by itself, too.
await runWorker({ description, poolSize: 3, queue: 'optional' }, ({ keys, logger }) =>
  AuditWorkerModule.with({
    logger,
    checkpointKey: keys.checkpoint,
    origin: requiredSetting('AUDIT_ORIGIN'),
    stateDir: auditStateDir(),
    witnesses: readWitnesses(keys.checkpoint),
    collectors: readCollectors(),
  }),
);
