import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '#persistence';
import { Readiness, type AppHealth } from '#process';
import { gauge } from '#runtime';
import { Pushing } from './collectors/pushing.js';
import { setAsideCount, unsealedAge } from './seal-events.js';
import { CheckpointSigner } from './sign-checkpoints.js';
import { Cosigning } from './witnesses/cosigning.js';

/** An event is normally sealed within 2 s. One that waits longer than this, in seconds, is a fault. */
const longestUnsealedSeconds = 60;

/** Checkpoints that are due are signed within a second; somebody else may hold the lock for a while. */
const longestUnsignedMs = 120_000;

/** Whether events are sealed and logs signed. */
@Injectable()
export class AuditHealth implements OnModuleDestroy {
  private readonly removeGauges: readonly (() => void)[];

  constructor(
    database: Database,
    readiness: Readiness,
    private readonly signer: CheckpointSigner,
    private readonly cosigning: Cosigning,
    private readonly pushing: Pushing,
  ) {
    readiness.watch((looks) => this.look(looks));
    this.removeGauges = [
      gauge('sallyport_audit_unsealed_seconds', () => unsealedAge(database)),
      gauge('sallyport_audit_events_set_aside', () => setAsideCount(database)),
      gauge('sallyport_audit_logs_refused', () => signer.refusals.size),
      gauge('sallyport_audit_cosignatures_missing', () => cosigning.missing),
      gauge('sallyport_audit_cosignatures_refused', () => cosigning.refused),
    ];
  }

  async look(database: Database): Promise<AppHealth> {
    const { refusals, lateMs } = this.signer;
    const [seconds, events, ofCollectors] = await Promise.all([
      unsealedAge(database),
      setAsideCount(database),
      this.pushing.health(database),
    ]);
    const sealing = seconds <= longestUnsealedSeconds;
    const refused = countReasons([...refusals.values()].map(({ reason }) => reason));
    const late = lateMs > longestUnsignedMs;
    const { others = {}, reasons: ofWitnesses = [] } = this.cosigning.health();
    return {
      checks: { sealing, signing: refused.length === 0 && !late },
      others: { ...others, ...ofCollectors.others },
      reasons: [
        ...(sealing ? [] : [`the oldest event has been waiting for its seal for ${Math.round(seconds)} s`]),
        ...refused.map(({ reason, count }) => `no checkpoint is signed for ${count} log(s): ${reason}`),
        ...(late ? ['checkpoints are due and not signed'] : []),
        ...ofWitnesses,
        ...(ofCollectors.reasons ?? []),
      ],
      setAside: { events },
    };
  }

  onModuleDestroy(): void {
    for (const remove of this.removeGauges) remove();
  }
}

function countReasons(reasons: readonly string[]): { reason: string; count: number }[] {
  return [...new Set(reasons)].map((reason) => ({ reason, count: reasons.filter((each) => each === reason).length }));
}
