import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '#persistence';
import { Log, type Logger, type SigningKey } from '#runtime';
import { AuditHealth } from './audit-health.js';
import { Pushing } from './collectors/pushing.js';
import type { CollectorSettings } from './collectors/read-collectors.js';
import { AuditJobs } from './audit-jobs.processor.js';
import { KeptCheckpoints } from './kept-checkpoints.js';
import { LogKeys } from './log-keys.js';
import { LookEvery, SealLoop } from './seal-loop.js';
import { SignLoop } from './sign-loop.js';
import { CheckpointSigner } from './sign-checkpoints.js';
import { Cosigning } from './witnesses/cosigning.js';
import type { Witnesses } from './witnesses/read-witnesses.js';

export { acceptLog, listLogs } from './accept-log.js';
export { AuditHealth } from './audit-health.js';
export { readCollectors } from './collectors/read-collectors.js';
export { auditStateDir } from './kept-checkpoints.js';
export { SealLoop } from './seal-loop.js';
export { readWitnesses } from './witnesses/read-witnesses.js';

/** A relay tells of events within a quarter of a second; this is for when it, or the queue, is away. */
const usualLookMs = 3000;

export interface AuditWorkerParts {
  readonly logger: Logger;
  readonly checkpointKey: SigningKey;
  /** What the origins of the logs begin with: see `logOrigin`. */
  readonly origin: string;
  /** Folder apart from the database, in which the last checkpoint of each tenant is kept. */
  readonly stateDir: string;
  /** Who cosigns checkpoints; nobody where left out. */
  readonly witnesses?: Witnesses;
  /** Who gets sealed events sent; nobody where left out. */
  readonly collectors?: readonly CollectorSettings[];
  /** How often it looks for events that nobody told of, in ms; 3 s where left out. */
  readonly lookEveryMs?: number;
}

/** Seals events into the log of their tenant and signs checkpoints. Of several, one seals at a time. */
@Module({})
export class AuditWorkerModule {
  static with(parts: AuditWorkerParts): DynamicModule {
    const { logger, checkpointKey: key, origin, stateDir, lookEveryMs = usualLookMs } = parts;
    const { witnesses = { all: [], quorum: 0 }, collectors = [] } = parts;
    const logs = new LogKeys(origin, key);
    return {
      module: AuditWorkerModule,
      providers: [
        { provide: Log, useValue: new Log(logger) },
        { provide: LookEvery, useValue: new LookEvery(lookEveryMs) },
        {
          provide: CheckpointSigner,
          // Not without a place to keep checkpoints.
          useFactory: async (database: Database) =>
            new CheckpointSigner({ database, key, origin, kept: await KeptCheckpoints.open(stateDir), logger }),
          inject: [Database],
        },
        {
          provide: Cosigning,
          useFactory: (database: Database, log: Log) =>
            new Cosigning({ database, witnesses, logOf: (tenantId) => logs.of(tenantId), log }),
          inject: [Database, Log],
        },
        {
          provide: Pushing,
          useFactory: (database: Database, log: Log) => new Pushing({ database, collectors, lookEveryMs, log }),
          inject: [Database, Log],
        },
        SealLoop,
        AuditJobs,
        SignLoop,
        AuditHealth,
      ],
    };
  }
}
