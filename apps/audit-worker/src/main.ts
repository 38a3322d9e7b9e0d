import { runService } from '#service';
import { startAuditWorker } from './app.js';
import { description } from './description.js';

// It does one thing at a time.
await runService({ description, poolSize: 2, queue: 'none' }, ({ database, logger, keys }) =>
  startAuditWorker({ database, logger, checkpointKey: keys.checkpoint }),
);
