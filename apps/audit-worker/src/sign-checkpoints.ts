import { genesisHash, signCheckpoint, type SignedCheckpoint } from '#audit-chain';
import type { Database } from '#persistence';
import type { Logger, SigningKey } from '#runtime';
import { UnreadableCheckpointError, type KeptCheckpoints, type Place } from './kept-checkpoints.js';
import { LogRefusal } from './log-refusal.js';
import { insertSigned, listLogRows, takeSigningLock } from './log-rows.js';
import type { LogRow } from './log-rows.sql.js';
import { followLog, hashAt, ownCheckpoints } from './read-log.js';

/** A log that was refused for what it has in the middle is read again after this time; its last checkpoint is looked for always. */
const readAgainMs = 60_000;

interface Refused {
  readonly refusal: LogRefusal;
  /** The place that it was held against. */
  readonly place: Place | undefined;
  /** When the log is read again, by `performance.now()`. */
  readonly againAt: number;
}

export interface SignerParts {
  readonly database: Database;
  readonly key: SigningKey;
  readonly kept: KeptCheckpoints;
  readonly logger: Logger;
}

/**
 * Signs what the logs are: for each that has grown, once a minute, sooner after 1,000 events. Each has to contain the
 * last checkpoint that this signer knows of, and what came since has to follow from the events. A log that does not is
 * not signed any more, until it does again or an operator accepts it; the others go on.
 *
 * The checkpoint is kept outside of the database first, then written into it. A crash in between leaves one kept that
 * was never told: an honest log contains it all the same, since its entries were committed.
 */
export class CheckpointSigner {
  /** How far each log has been followed. */
  private readonly places = new Map<string, Place>();
  /** The entry of which a checkpoint stands in the file of each tenant. */
  private readonly keptUpTo = new Map<string, number>();
  private readonly refused = new Map<string, Refused>();
  /** Tenants whose files were read at the start. */
  private opened = false;
  /** Since when something has been due that was not signed, by `performance.now()`. */
  private dueSince: number | undefined;

  constructor(private readonly parts: SignerParts) {}

  /** Logs that are not signed, and why. */
  get refusals(): ReadonlyMap<string, LogRefusal> {
    return new Map([...this.refused].map(([tenantId, { refusal }]) => [tenantId, refusal]));
  }

  /** For how many ms checkpoints have been due that nothing stands against, and were not signed. */
  get lateMs(): number {
    return this.dueSince === undefined ? 0 : performance.now() - this.dueSince;
  }

  /**
   * @param all also those whose minute is not over yet: what a worker does before it stops
   * @returns how many were signed
   */
  async sign(all = false, signal?: AbortSignal): Promise<number> {
    await this.openKept();
    const waiting: string[] = [];
    let due = false;
    for (const log of await this.readLogs(all)) {
      signal?.throwIfAborted();
      if (!(await this.isSound(log, signal))) continue;
      due ||= log.due;
      // What another worker has signed is followed too, so that there is always a recent place to hold a log against.
      if (log.due || this.isBehind(log)) waiting.push(log.tenantId);
    }
    if (due) this.dueSince ??= performance.now();
    const signed = waiting.length === 0 ? 0 : await this.signThese(new Set(waiting), all, signal);
    if (!due || signed > 0) this.dueSince = undefined;
    return signed;
  }

  private async openKept(): Promise<void> {
    if (this.opened) return;
    for (const tenantId of await this.parts.kept.tenants()) {
      try {
        const place = await this.readKept(tenantId);
        if (place) this.places.set(tenantId, place);
      } catch (error) {
        if (!(error instanceof UnreadableCheckpointError)) throw error;
        this.refuse(tenantId, new LogRefusal('kept_unreadable', 0), undefined);
      }
    }
    this.opened = true;
  }

  private async readKept(tenantId: string): Promise<Place | undefined> {
    const place = await this.parts.kept.read(tenantId);
    if (place) this.keptUpTo.set(tenantId, place.sequence);
    else this.keptUpTo.delete(tenantId);
    return place;
  }

  /** Whether there is a newer checkpoint than the one that was kept. */
  private isBehind({ tenantId, signedUpTo }: LogRow): boolean {
    return (signedUpTo ?? 0) > (this.keptUpTo.get(tenantId) ?? 0);
  }

  private readLogs(evenIfEarly: boolean): Promise<LogRow[]> {
    const places = [...this.places].map(([tenantId, { sequence }]) => ({ tenantId, sequence }));
    const refused = [...this.refused.keys()].filter((tenantId) => !this.places.has(tenantId));
    const all = [...places, ...refused.map((tenantId) => ({ tenantId, sequence: 0 }))];
    return listLogRows(this.parts.database, all, evenIfEarly);
  }

  /** Looks whether a log contains what is known of it, and follows it where there is something to sign. */
  private async isSound(log: LogRow, signal: AbortSignal | undefined): Promise<boolean> {
    const { tenantId } = log;
    const before = this.refused.get(tenantId);
    let place = before ? undefined : this.places.get(tenantId);
    try {
      let keptHash = log.keptHash ?? undefined;
      if (!place) {
        // Where it was refused, an operator may have accepted it.
        place = await this.findPlace(log);
        this.places.set(tenantId, place);
        keptHash = await hashAt(this.parts.database, tenantId, place.sequence);
      }
      if (place.sequence === 0) keptHash = genesisHash(tenantId);
      if (log.sequence === null && !log.isKnown) {
        // A tenant of another database, or one that was removed: there is nothing that could be signed.
        this.refused.delete(tenantId);
        return false;
      }
      if (!keptHash) throw new LogRefusal('entry_missing', place.sequence);
      if (!keptHash.equals(place.hash)) throw new LogRefusal('entry_differs', place.sequence);
      if (before && isStill(before, place)) return false;
      if (log.due || this.isBehind(log) || before) {
        this.places.set(tenantId, await this.follow(log, place, [], signal));
      }
      // Whether it can be kept again shows when it is.
      if (before?.refusal.reason !== 'not_kept') this.clear(tenantId);
      return true;
    } catch (error) {
      this.refuseFor(tenantId, error, place);
      return false;
    }
  }

  /** What was kept of a log; else the newest checkpoint of ours that the database shows; else its beginning. */
  private async findPlace({ tenantId, signedUpTo }: LogRow): Promise<Place> {
    const { database, key, logger } = this.parts;
    const found = await this.readKept(tenantId);
    if (found) return found;
    const [newest] = await ownCheckpoints(database, key, tenantId, { sequence: 0, acceptedAt: null });
    if (newest) {
      logger.warn(
        { tenantId, sequence: newest.sequence },
        'no checkpoint of this log was kept here: the newest one in the database is trusted',
      );
      return { sequence: newest.sequence, hash: Buffer.from(newest.hash), acceptedAt: null };
    }
    if (signedUpTo !== null) {
      logger.warn(
        { tenantId },
        'no checkpoint of this log was kept here, and none is of this key: it is trusted as it is',
      );
    }
    return { sequence: 0, hash: genesisHash(tenantId), acceptedAt: null };
  }

  private async follow(
    { tenantId, sequence }: LogRow,
    from: Place,
    more: readonly Place[],
    signal: AbortSignal | undefined,
  ): Promise<Place> {
    const { database, key } = this.parts;
    // Read before the entries: whatever was signed by now is among those.
    const milestones = [...(await ownCheckpoints(database, key, tenantId, from)), ...more];
    return followLog(database, { tenantId, from, upTo: sequence ?? 0, milestones, signal });
  }

  private signThese(tenantIds: ReadonlySet<string>, all: boolean, signal: AbortSignal | undefined): Promise<number> {
    const { database, key } = this.parts;
    return database.transaction(async () => {
      if (!(await takeSigningLock(database))) return 0;
      const signed: SignedCheckpoint[] = [];
      // Once more, now that nobody else signs.
      for (const log of (await this.readLogs(all)).filter(({ tenantId }) => tenantIds.has(tenantId))) {
        const place = await this.keep(log, signal);
        if (!place || !log.due) continue;
        const { tenantId, signedAt } = log;
        const { sequence, hash } = place;
        signed.push(signCheckpoint({ tenantId, sequence, hash, signedAt, keyId: key.id }, key.privateKey));
      }
      if (signed.length > 0) await insertSigned(database, signed);
      return signed.length;
    });
  }

  /** Follows a log to its end and keeps that, under the lock. @returns undefined where it is refused */
  private async keep(log: LogRow, signal: AbortSignal | undefined): Promise<Place | undefined> {
    const { tenantId } = log;
    const place = this.places.get(tenantId);
    if (!place) return undefined;
    try {
      // Another worker may keep its checkpoints in the same folder.
      const found = await this.readKept(tenantId);
      const further = found && found.sequence > place.sequence ? [found] : [];
      const from = { ...place, acceptedAt: found?.acceptedAt ?? place.acceptedAt };
      const next = await this.follow(log, from, further, signal);
      if (next.sequence !== found?.sequence) {
        await this.parts.kept.write(tenantId, next).catch((error: unknown) => {
          throw new LogRefusal('not_kept', next.sequence, error);
        });
        this.keptUpTo.set(tenantId, next.sequence);
      }
      this.places.set(tenantId, next);
      this.clear(tenantId);
      return next;
    } catch (error) {
      this.refuseFor(tenantId, error, place);
      return undefined;
    }
  }

  /** @throws whatever is no refusal */
  private refuseFor(tenantId: string, error: unknown, place: Place | undefined): void {
    if (error instanceof LogRefusal) return this.refuse(tenantId, error, place);
    if (!(error instanceof UnreadableCheckpointError)) throw error;
    this.refuse(tenantId, new LogRefusal('kept_unreadable', 0), place);
  }

  private refuse(tenantId: string, refusal: LogRefusal, place: Place | undefined): void {
    const known = this.refused.get(tenantId)?.refusal;
    this.refused.set(tenantId, { refusal, place, againAt: performance.now() + readAgainMs });
    // What was followed since counts no more: the log is held against what was kept.
    this.places.delete(tenantId);
    if (known?.reason === refusal.reason) return;
    const { reason, sequence, message, cause } = refusal;
    this.parts.logger.error(
      { tenantId, reason, sequence, ...(cause !== undefined && { err: cause }) },
      `no checkpoint is signed for this log any more: ${message}`,
    );
  }

  private clear(tenantId: string): void {
    if (this.refused.delete(tenantId)) this.parts.logger.info({ tenantId }, 'signing the log has resumed');
  }
}

/** Whether a log that was refused for something beyond this place needs no other look yet. */
function isStill({ refusal, place, againAt }: Refused, now: Place): boolean {
  if (refusal.reason === 'entry_missing' || refusal.reason === 'entry_differs') return false;
  if (refusal.reason === 'not_kept' || refusal.reason === 'kept_unreadable') return false;
  return place?.sequence === now.sequence && place.hash.equals(now.hash) && performance.now() < againAt;
}
