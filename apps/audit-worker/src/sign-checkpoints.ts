import { signCheckpoint, TreeState } from '#audit-log';
import type { Database } from '#persistence';
import type { Logger, SigningKey } from '#runtime';
import { UnreadableCheckpointError, type KeptCheckpoints, type Place } from './kept-checkpoints.js';
import { LogKeys } from './log-keys.js';
import { LogRefusal } from './log-refusal.js';
import { insertSigned, listLogRows, takeSigningLock, type SignedCheckpoint } from './log-rows.js';
import type { LogRow } from './log-rows.sql.js';
import { containedTree, followLog, leafAt, ownCheckpoints } from './read-log.js';

/** A log that was refused for what it has in the middle is read again after this time; its last checkpoint is looked for always. */
const readAgainMs = 60_000;

/** How far a log has been followed. */
interface Followed extends Place {
  /** Leaf hash of its last entry; null where it has none. */
  readonly leaf: Buffer | null;
}

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
  /** What the origins of the logs begin with: see `logOrigin`. */
  readonly origin: string;
  readonly kept: KeptCheckpoints;
  readonly logger: Logger;
}

/**
 * Signs what the logs are: for each that has grown, every ten seconds, sooner after 1,000 events; for each that has not, once
 * a day. Each has to contain the last checkpoint that this signer knows of, and what came since has to be the leaves of the
 * events. A log that does not is not signed any more, until it does again or an operator accepts it; the others go on.
 *
 * The checkpoint is kept outside of the database first, then written into it. A crash in between leaves one kept that
 * was never told: an honest log contains it all the same, since its entries were committed.
 */
export class CheckpointSigner {
  private readonly keys: LogKeys;
  private readonly places = new Map<string, Followed>();
  /** How many entries the checkpoint in the file of each tenant is of. */
  private readonly keptUpTo = new Map<string, number>();
  private readonly refused = new Map<string, Refused>();
  /** Tenants whose files were looked for at the start. */
  private opened: readonly string[] | undefined;
  /** Since when something has been due that was not signed, by `performance.now()`. */
  private dueSince: number | undefined;

  constructor(private readonly parts: SignerParts) {
    this.keys = new LogKeys(parts.origin, parts.key);
  }

  /** Logs that are not signed, and why. */
  get refusals(): ReadonlyMap<string, LogRefusal> {
    return new Map([...this.refused].map(([tenantId, { refusal }]) => [tenantId, refusal]));
  }

  /** For how many ms checkpoints have been due that nothing stands against, and were not signed. */
  get lateMs(): number {
    return this.dueSince === undefined ? 0 : performance.now() - this.dueSince;
  }

  /**
   * @param all also those that have grown and whose time has not come yet: what a worker does before it stops
   * @returns how many were signed
   */
  async sign(all = false, signal?: AbortSignal): Promise<number> {
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
    const signed = waiting.length === 0 ? [] : await this.signThese(new Set(waiting), all, signal);
    if (!due || signed.length > 0) this.dueSince = undefined;
    // A way out of the database: whoever keeps the logs of processes keeps the checkpoints, too.
    for (const { note } of signed) this.parts.logger.info({ checkpoint: note }, 'checkpoint signed');
    return signed.length;
  }

  private async readKept(tenantId: string): Promise<Place | undefined> {
    const place = await this.parts.kept.read(tenantId);
    if (place) this.keptUpTo.set(tenantId, place.size);
    else this.keptUpTo.delete(tenantId);
    return place;
  }

  /** Whether there is a newer checkpoint than the one that was kept. */
  private isBehind({ tenantId, signedSize }: LogRow): boolean {
    return (signedSize ?? 0) > (this.keptUpTo.get(tenantId) ?? 0);
  }

  private async readLogs(evenIfEarly: boolean): Promise<LogRow[]> {
    this.opened ??= await this.parts.kept.tenants();
    const known = new Set([...this.opened, ...this.places.keys(), ...this.refused.keys()]);
    const places = [...known].map((tenantId) => ({ tenantId, size: this.places.get(tenantId)?.size ?? 0 }));
    return listLogRows(this.parts.database, places, evenIfEarly);
  }

  /** Looks whether a log contains what is known of it, and follows it where there is something to sign. */
  private async isSound(log: LogRow, signal: AbortSignal | undefined): Promise<boolean> {
    const { tenantId } = log;
    const before = this.refused.get(tenantId);
    const known = before ? undefined : this.places.get(tenantId);
    let place: Place | undefined = known;
    try {
      // Where it was refused, an operator may have accepted it.
      place ??= await this.findPlace(log);
      if (log.size === null && !log.isKnown) {
        // A tenant of another database, or one that was removed: there is nothing that could be signed.
        this.refused.delete(tenantId);
        return false;
      }
      if (known) assertSameLeaf(known, log.keptLeaf);
      const mustFollow = log.due || this.isBehind(log) || before !== undefined;
      if (mustFollow || !known) {
        const tree = await this.contained(tenantId, place);
        if (before && isStill(before, place)) return false;
        await this.follow(log, place, tree, [], mustFollow, signal);
      }
      // Whether it can be kept again shows when it is.
      if (before?.refusal.reason !== 'not_kept') this.clear(tenantId);
      return true;
    } catch (error) {
      this.refuseFor(tenantId, error, place);
      return false;
    }
  }

  /** What was kept of a log; else the largest checkpoint of ours that the database shows; else its beginning. */
  private async findPlace({ tenantId, signedSize }: LogRow): Promise<Place> {
    const { database, logger } = this.parts;
    const found = await this.readKept(tenantId);
    if (found) return found;
    const beginning = { size: 0, root: TreeState.empty().root(), acceptedAt: null };
    const [newest] = await ownCheckpoints(database, tenantId, this.keys.of(tenantId), beginning);
    if (newest) {
      logger.warn(
        { tenantId, sequence: newest.size },
        'no checkpoint of this log was kept here: the newest one in the database is trusted',
      );
      return { size: newest.size, root: Buffer.from(newest.root), acceptedAt: null };
    }
    if (signedSize !== null) {
      logger.warn(
        { tenantId },
        'no checkpoint of this log was kept here, and none is of this key and origin: it is trusted as it is',
      );
    }
    return beginning;
  }

  private contained(tenantId: string, place: Place): Promise<TreeState> {
    const { origin = this.keys.of(tenantId).origin } = place;
    if (origin !== this.keys.of(tenantId).origin) throw new LogRefusal('other_origin', place.size);
    return containedTree(this.parts.database, tenantId, place);
  }

  /**
   * Notes how far a log goes.
   * @param tree at the place; it grows
   * @param isFurther whether to go on from the place
   */
  private async follow(
    { tenantId, size }: LogRow,
    from: Place,
    tree: TreeState,
    more: readonly Place[],
    isFurther: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Followed> {
    const { database } = this.parts;
    if (isFurther) {
      // Read before the entries: whatever was signed by now is among those.
      const milestones = [...(await ownCheckpoints(database, tenantId, this.keys.of(tenantId), from)), ...more];
      await followLog(database, { tenantId, tree, upTo: size ?? 0, milestones, signal });
    }
    const leaf = (await leafAt(database, tenantId, tree.size)) ?? null;
    const { origin, acceptedAt } = from;
    const followed = { size: tree.size, root: tree.root(), leaf, origin, acceptedAt };
    this.places.set(tenantId, followed);
    return followed;
  }

  private signThese(
    tenantIds: ReadonlySet<string>,
    all: boolean,
    signal: AbortSignal | undefined,
  ): Promise<SignedCheckpoint[]> {
    const { database } = this.parts;
    return database.transaction(async () => {
      if (!(await takeSigningLock(database))) return [];
      const signed: SignedCheckpoint[] = [];
      // Once more, now that nobody else signs.
      for (const log of (await this.readLogs(all)).filter(({ tenantId }) => tenantIds.has(tenantId))) {
        const checkpoint = await this.keep(log, signal);
        if (checkpoint && log.due) signed.push(checkpoint);
      }
      if (signed.length > 0) await insertSigned(database, signed);
      return signed;
    });
  }

  /** Follows a log to its end, signs and keeps that, under the lock. @returns undefined where it is refused */
  private async keep(log: LogRow, signal: AbortSignal | undefined): Promise<SignedCheckpoint | undefined> {
    const { tenantId, signedAt } = log;
    const place = this.places.get(tenantId);
    if (!place) return undefined;
    try {
      // Another worker may keep its checkpoints in the same folder.
      const found = await this.readKept(tenantId);
      const further = found && found.size > place.size ? [found] : [];
      const from = { ...place, acceptedAt: found?.acceptedAt ?? place.acceptedAt };
      const tree = await this.contained(tenantId, from);
      const { size, root } = await this.follow(log, from, tree, further, true, signal);
      const { origin, keys, vkeys } = this.keys.of(tenantId);
      const note = signCheckpoint({ origin, size, root }, keys, Math.floor(Date.parse(signedAt) / 1000));
      if (log.due || size !== found?.size) await this.write(tenantId, size, note);
      this.clear(tenantId);
      return { tenantId, size, root, signedAt, note, vkeys };
    } catch (error) {
      this.refuseFor(tenantId, error, place);
      return undefined;
    }
  }

  private async write(tenantId: string, size: number, note: string): Promise<void> {
    await this.parts.kept.write(tenantId, note).catch((error: unknown) => {
      throw new LogRefusal('not_kept', size, error);
    });
    this.keptUpTo.set(tenantId, size);
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

/** At every look, since it costs nothing: the whole tree is compared where there is something to sign. */
function assertSameLeaf({ size, leaf }: Followed, now: Buffer | null): void {
  if (size === 0) return;
  if (!now) throw new LogRefusal('entry_missing', size);
  if (leaf && !now.equals(leaf)) throw new LogRefusal('entry_differs', size);
}

/** Whether a log that was refused for something beyond this place needs no other look yet. */
function isStill({ refusal, place, againAt }: Refused, now: Place): boolean {
  const takesTime = ['entry_broken', 'tree_differs', 'checkpoint_contradicted'].includes(refusal.reason);
  const isSame = place?.size === now.size && place.root.equals(now.root) && place.acceptedAt === now.acceptedAt;
  return takesTime && isSame && performance.now() < againAt;
}
