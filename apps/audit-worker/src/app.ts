import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#persistence';
import { type Logger, type RunningApp, type SigningKey, startLoop } from '#runtime';
import { gauge, type AppHealth } from '#service';
import { KeptCheckpoints } from './kept-checkpoints.js';
import { sealEvents, setAsideCount, unsealedAge } from './seal-events.js';
import { CheckpointSigner } from './sign-checkpoints.js';

export { acceptLog, listLogs } from './accept-log.js';
export { auditStateDir } from './kept-checkpoints.js';

/** Pause between two looks for unsealed events. PostgreSQL knows what is unsealed, so no queue is needed to tell. */
const pollMs = 250;

/** Woken at every event, the sealer still waits this long between two batches: one is cheaper than many. */
const gatherMs = 20;

/** Pause between two looks for logs that are due for a checkpoint. */
const checkpointPollMs = 1000;

/** Longest pause while the database is away. */
const longestPauseMs = 2000;

/** A process that drains has 30 s for everything; what it does not seal, the next one will. */
const lastSealingMs = 10_000;

/** An event is normally sealed within 2 s. One that waits longer than this, in seconds, is a fault. */
const longestUnsealedSeconds = 60;

/** Checkpoints that are due are signed within a second; somebody else may hold the lock for a while. */
const longestUnsignedMs = 120_000;

export interface AuditWorkerParts {
  readonly database: Database;
  readonly logger: Logger;
  readonly checkpointKey: SigningKey;
  /** Folder apart from the database, in which the last checkpoint of each tenant is kept. */
  readonly stateDir: string;
}

export interface RunningAuditWorker extends RunningApp {
  /** Tells of new events, so that they are sealed at once. */
  wake(): void;
  /** Whether events are sealed and logs signed. */
  health(database?: Database): Promise<AppHealth>;
}

/**
 * Starts to seal events and to sign checkpoints.
 * @throws {SettingsError} where no checkpoint could be kept
 */
export async function startAuditWorker(parts: AuditWorkerParts): Promise<RunningAuditWorker> {
  const { database, logger, checkpointKey: key, stateDir } = parts;
  const signer = new CheckpointSigner({ database, key, kept: await KeptCheckpoints.open(stateDir), logger });

  const seal = async () => {
    const { sealed, more, requestIds, setAside } = await sealEvents(database);
    if (sealed > 0) logger.info({ sealed, requestIds }, 'events sealed');
    for (const event of setAside) logger.error(event, 'an event could not be encoded and was set aside');
    return more;
  };
  const sealer = startLoop(
    repeated('sealing', logger, async () => {
      if (await seal()) return 0;
      await sleep(gatherMs);
      return pollMs;
    }),
  );
  // Beside it, not in turn with it: to read a long log anew may take minutes.
  const ending = new AbortController();
  const signing = startLoop(
    repeated('signing', logger, async () => {
      try {
        const signed = await signer.sign(false, ending.signal);
        if (signed > 0) logger.debug({ signed }, 'checkpoints signed');
      } catch (error) {
        if (!ending.signal.aborted) throw error;
      }
      return checkpointPollMs;
    }),
  );

  const removeGauges = [
    gauge('sallyport_audit_unsealed_seconds', 'Age of the oldest event that is not in the audit log', () =>
      unsealedAge(database),
    ),
    gauge('sallyport_audit_events_set_aside', 'Events that could not be sealed into the audit log', () =>
      setAsideCount(database),
    ),
    gauge('sallyport_audit_logs_refused', 'Tenants whose audit log is not signed', () => signer.refusals.size),
  ];

  return {
    wake: sealer.wake,
    health: async (looks = database) => {
      const [seconds, events] = await Promise.all([unsealedAge(looks), setAsideCount(looks)]);
      const sealing = seconds <= longestUnsealedSeconds;
      const refused = countReasons([...signer.refusals.values()].map(({ reason }) => reason));
      const late = signer.lateMs > longestUnsignedMs;
      return {
        checks: { sealing, signing: refused.length === 0 && !late },
        reasons: [
          ...(sealing ? [] : [`the oldest event has been waiting for its seal for ${Math.round(seconds)} s`]),
          ...refused.map(({ reason, count }) => `no checkpoint is signed for ${count} log(s): ${reason}`),
          ...(late ? ['checkpoints are due and not signed'] : []),
        ],
        setAside: { events },
      };
    },
    stop: async () => {
      for (const remove of removeGauges) remove();
      ending.abort();
      await Promise.all([sealer.stop(), signing.stop()]);
      try {
        const late = AbortSignal.timeout(lastSealingMs);
        while ((await seal()) && !late.aborted);
        await signer.sign(true, late);
      } catch (error) {
        // Nothing is lost: the next worker goes on where this one ends.
        logger.warn({ err: error }, 'the last checkpoint could not be signed');
      }
    },
  };
}

/** Turns of a loop whose faults are said once, not at every try, and tried again with a growing pause. */
function repeated(work: string, logger: Logger, turn: () => Promise<number>): () => Promise<number> {
  let pauseMs = pollMs;
  let failing = false;
  return async () => {
    try {
      const pause = await turn();
      if (failing) logger.info(`${work} works again`);
      failing = false;
      pauseMs = pollMs;
      return pause;
    } catch (error) {
      if (!failing) logger.error({ err: error }, `${work} failed; trying again`);
      failing = true;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      return pauseMs;
    }
  };
}

function countReasons(reasons: readonly string[]): { reason: string; count: number }[] {
  return [...new Set(reasons)].map((reason) => ({ reason, count: reasons.filter((each) => each === reason).length }));
}
