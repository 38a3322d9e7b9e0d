import {
  consistencyProof,
  formatWitnessRequest,
  MalformedError,
  noWitness,
  openCheckpoint,
  UnverifiedError,
  type VerifierKey,
} from '#audit-log';
import { newId } from '#contracts';
import { auditHashes, MissingHashesError, type Database } from '#persistence';
import { RepeatedWork } from '#process';
import type { Log } from '#runtime';
import { askWitness, cosignatureIn, type WitnessAnswer } from './ask-witness.js';
import {
  insertCosignature,
  markWitnessed,
  readCosignedSize,
  readNewest,
  recordRefusal,
  type NewestRow,
} from './cosignatures.sql.js';
import type { WitnessAddress, Witnesses } from './read-witnesses.js';
import { Troubles } from './troubles.js';
import { WitnessFault, WitnessRefusal } from './witness-fault.js';

/** Pause between two looks for what other workers have signed; its own worker says when it has. */
const lookMs = 10_000;

/** Pause after the first fault of a row, in ms; it doubles with each further one. */
const firstPauseMs = 1000;
const longestPauseMs = 300_000;

/** A log that was refused will be so again, unless an operator of the witness or of the log does something. */
const refusedPauseMs = 600_000;

/** Logs that are asked about at once. */
const atOnce = 4;

/** What a log signs by. */
export interface OwnLog {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
}

export interface WitnessLoopParts {
  readonly database: Database;
  readonly witness: WitnessAddress;
  /** All of them: how many make a checkpoint witnessed. */
  readonly witnesses: Witnesses;
  readonly logOf: (tenantId: string) => OwnLog;
  readonly log: Log;
}

/** A log, as this process knows that the witness knows it. */
interface Known {
  /** The checkpoint whose cosignature was verified. */
  done?: { readonly size: number; readonly signedAt: string };
  /** Entries of the last tree that it cosigned: by its own words, where it has said so. */
  cosignedSize?: number;
  faults: number;
  triedAt: number;
  /** Not before, by `performance.now()`; 0 for at once. */
  againAt: number;
}

/**
 * Has one witness cosign the newest checkpoint of every log. What it knows of a log is asked of itself: the database, which
 * somebody may have rewritten, only saves a question.
 */
export class WitnessLoop extends RepeatedWork {
  readonly troubles = new Troubles<WitnessFault | WitnessRefusal>();
  private readonly logs = new Map<string, Known>();
  private readonly ending = new AbortController();
  /** Chunks in a row in which it answered nobody. */
  private silences = 0;

  constructor(private readonly parts: WitnessLoopParts) {
    super('cosigning', parts.log);
  }

  get name(): string {
    return this.parts.witness.key.name;
  }

  override onModuleDestroy(): void {
    this.ending.abort();
    super.onModuleDestroy();
  }

  protected async turn(): Promise<number> {
    try {
      return await this.cosignAll(performance.now());
    } catch (error) {
      if (!this.ending.signal.aborted) throw error;
      return lookMs;
    }
  }

  /** @returns ms until the next look that can bring something */
  private async cosignAll(now: number): Promise<number> {
    const waiting = await this.readWaiting();
    this.troubles.keep(new Set(waiting.map(({ tenantId }) => tenantId)));
    const all = waiting.map((row) => ({ row, known: this.knownOf(row.tenantId) }));
    // Those first that have waited longest, so that one in trouble keeps none behind.
    const due = all.filter(({ known }) => known.againAt <= now).toSorted((a, b) => a.known.triedAt - b.known.triedAt);
    for (let at = 0; at < due.length; at += atOnce) {
      this.ending.signal.throwIfAborted();
      const answered = await Promise.all(due.slice(at, at + atOnce).map(({ row, known }) => this.cosign(row, known)));
      // It is away, as it seems. Each log has its own pause, and those that were not tried come next.
      if (!answered.includes(true)) return Math.min(lookMs, pauseAfter(this.silences++));
      if (this.silences > 0) this.endSilence();
    }
    const next = all.reduce((least, { known }) => Math.min(least, known.againAt || Infinity), Infinity);
    return Math.max(0, Math.min(lookMs, next - performance.now()));
  }

  /** It is back: no log waits for its pause any longer that waits for nothing else. */
  private endSilence(): void {
    this.silences = 0;
    for (const [tenantId, known] of this.logs) {
      const trouble = this.troubles.get(tenantId);
      if (trouble instanceof WitnessFault && trouble.isOfWitness) known.againAt = performance.now();
    }
  }

  private async readWaiting(): Promise<NewestRow[]> {
    const done = [...this.logs].flatMap(([tenantId, known]) => (known.done ? [{ tenantId, ...known.done }] : []));
    return this.parts.database.query(readNewest, {
      witness: this.name,
      tenantIds: done.map(({ tenantId }) => tenantId),
      sizes: done.map(({ size }) => size),
      signedAt: done.map(({ signedAt }) => signedAt),
    });
  }

  private knownOf(tenantId: string): Known {
    const known = this.logs.get(tenantId) ?? { faults: 0, triedAt: 0, againAt: 0 };
    this.logs.set(tenantId, known);
    return known;
  }

  /** @returns whether the witness said anything about it */
  private async cosign(row: NewestRow, known: Known): Promise<boolean> {
    known.triedAt = performance.now();
    try {
      await this.keep(row, await this.linesFor(row, known));
      const { size, signedAt } = row;
      Object.assign(known, { done: { size, signedAt }, cosignedSize: size, faults: 0, againAt: 0 });
      if (this.troubles.clear(row.tenantId)) this.log.pino.info({ witness: this.name }, 'a witness cosigns again');
      return true;
    } catch (error) {
      if (error instanceof WitnessRefusal) await this.refuse(row, known, error);
      else if (error instanceof WitnessFault) this.note(row, known, error);
      else throw error;
      return !(error instanceof WitnessFault && error.isOfWitness);
    }
  }

  /** The verified cosignature of a checkpoint: as it stands in the database, or from the witness. */
  private async linesFor(row: NewestRow, known: Known): Promise<string> {
    this.assertOwn(row);
    if (row.lines !== null) {
      try {
        return cosignatureIn(row.lines, row.note, this.parts.witness);
      } catch (error) {
        // Somebody else wrote it. It can't be replaced, and the witness is asked all the same.
        if (!(error instanceof WitnessFault)) throw error;
      }
    }
    return this.ask(row, known);
  }

  private async ask(row: NewestRow, known: Known): Promise<string> {
    let oldSize = Math.min(await this.cosignedSize(row, known), row.size);
    let answer = await this.request(row, oldSize);
    if (answer.status === 'stale' && answer.size !== oldSize) {
      assertNotAhead(row, known, answer.size);
      known.cosignedSize = answer.size;
      oldSize = answer.size;
      answer = await this.request(row, oldSize);
    }
    if (answer.status === 'cosigned') return answer.lines;
    if (answer.status === 'refused') throw new WitnessRefusal('rewritten', oldSize);
    if (answer.size === oldSize) throw new WitnessRefusal('forked', oldSize);
    throw new WitnessFault('overtaken');
  }

  private async cosignedSize({ tenantId, size }: NewestRow, known: Known): Promise<number> {
    if (known.cosignedSize !== undefined) return known.cosignedSize;
    return (await this.parts.database.one(readCosignedSize, { tenantId, size, witness: this.name }))?.size ?? 0;
  }

  private async request({ tenantId, size, note }: NewestRow, oldSize: number): Promise<WitnessAnswer> {
    const { database, witness } = this.parts;
    const hashes = await this.prove(tenantId, oldSize, size, database);
    const request = formatWitnessRequest({ oldSize, hashes, checkpoint: note });
    return askWitness(witness, { request, note, signal: this.ending.signal });
  }

  private async prove(tenantId: string, oldSize: number, size: number, database: Database): Promise<Buffer[]> {
    try {
      return await consistencyProof(oldSize, size, auditHashes(database, tenantId));
    } catch (error) {
      if (!(error instanceof MissingHashesError)) throw error;
      throw new WitnessFault('entries_missing');
    }
  }

  /** Nobody else's is sent to a witness. */
  private assertOwn({ tenantId, size, note }: NewestRow): void {
    const { origin, keys } = this.parts.logOf(tenantId);
    try {
      const { head } = openCheckpoint(note, { logs: keys, quorum: noWitness });
      if (head.origin === origin && head.size === size) return;
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof UnverifiedError)) throw error;
    }
    throw new WitnessFault('checkpoint_strange');
  }

  private async keep({ tenantId, size, signedAt, lines: found }: NewestRow, lines: string): Promise<void> {
    const { database, witnesses } = this.parts;
    const checkpoint = { tenantId, size, signedAt };
    if (found === null) await database.query(insertCosignature, { ...checkpoint, witness: this.name, lines });
    const names = witnesses.all.map(({ key }) => key.name);
    await database.query(markWitnessed, { ...checkpoint, witnesses: names, quorum: witnesses.quorum });
  }

  private note({ tenantId }: NewestRow, known: Known, fault: WitnessFault): void {
    known.againAt = performance.now() + pauseAfter(known.faults);
    known.faults += 1;
    const { reason, status, message } = fault;
    const about = { witness: this.name, tenantId, reason, ...(status !== undefined && { status }) };
    if (this.troubles.set(tenantId, fault))
      this.log.pino.warn(about, `a witness does not cosign and will be asked again: ${message}`);
  }

  private async refuse({ tenantId, size }: NewestRow, known: Known, refusal: WitnessRefusal): Promise<void> {
    const { reason, cosignedSize, message } = refusal;
    if (this.troubles.get(tenantId)?.reason !== reason) {
      const about = { witness: this.name, reason, size, cosignedSize };
      this.log.pino.error({ tenantId, ...about }, `a witness refuses to cosign this log: ${message}`);
      await this.parts.database.query(recordRefusal, { eventId: newId('event'), tenantId, ...about });
    }
    this.troubles.set(tenantId, refusal);
    known.againAt = performance.now() + refusedPauseMs;
  }
}

/**
 * What it cosigned may be newer than what was read here, and then shows at the next look. What does not is gone, whatever
 * else the database says.
 */
function assertNotAhead({ size }: NewestRow, known: Known, cosignedSize: number): void {
  if (cosignedSize <= size) return;
  if (known.cosignedSize === cosignedSize) throw new WitnessRefusal('cut_off', cosignedSize);
  known.cosignedSize = cosignedSize;
  throw new WitnessFault('overtaken');
}

const pauseAfter = (faults: number) => Math.min(firstPauseMs * 2 ** faults, longestPauseMs);
