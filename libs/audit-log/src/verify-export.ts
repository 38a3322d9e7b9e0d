import { parseLine, type ReadEntry } from './entry.js';
import { MalformedError } from './errors.js';
import { tenantOfOrigin, type TreeHead } from './tree-head.js';
import { TreeState } from './tree.js';

/** What can be wrong with an export, or with what it is held against. Where two fit, the one that is named first here is named. */
export const faults = {
  line_malformed: 'The line is no entry.',
  start_misplaced: 'The line says where an export begins, and is not the first one.',
  entries_missing: 'Entries are missing before this one: they were removed, or the file is not whole.',
  entry_out_of_order: 'The entry stands where a later one belongs: it was inserted, repeated or moved.',
  event_changed: 'The event does not have the leaf hash beside it: one of them was changed.',
  other_tenant: 'The event is of another tenant.',
  tree_differs: 'The checkpoint saw another tree: one of these entries was changed, removed, inserted or moved.',
  tail_cut: 'The checkpoint saw more entries than there are: the tail was cut off, or the file is not whole.',
  checkpoints_contradict: 'Two checkpoints of one size have different roots: the log was forked.',
  other_log: 'The checkpoint is of another log than the others.',
} as const;
export type FaultReason = keyof typeof faults;

export interface Fault {
  readonly reason: FaultReason;
  /** The first entry that it is about, from 0. */
  readonly index: number;
  /** The last one, where it cannot be told which of several it is. */
  readonly lastIndex?: number;
  /** What a parser said. Nothing of the entry. */
  readonly detail?: string;
}

export type ExportVerdict =
  | {
      readonly ok: true;
      /** Undefined where nothing names it: no event, no checkpoint. */
      readonly tenantId: string | undefined;
      readonly origin: string | undefined;
      /** The entry that the export begins with. */
      readonly start: number;
      /** Of the tree, with all entries of the export. */
      readonly size: number;
      readonly root: Buffer;
      /** Entries without their events. */
      readonly pruned: number;
      readonly checkpoints: {
        readonly compared: number;
        /** Too small: of entries before the export. */
        readonly before: number;
        /** Too large: of entries that are still to come; with `isPartial` alone. */
        readonly beyond: number;
      };
      /** Entries that a checkpoint vouches for; what comes after them can still be changed or cut off unseen. */
      readonly vouchedFor: number;
    }
  | { readonly ok: false; readonly fault: Fault };

export interface ExportOptions {
  /** Whose log it should be. Where left out, the origin of the checkpoints says it, or else the first event. */
  readonly tenantId?: string | undefined;
  /** Whether checkpoints may have seen entries after those of the export. */
  readonly isPartial?: boolean | undefined;
}

/**
 * Verifies an export line by line, however long it is: first what is expected (`expect`), then each line (`add`), then the end
 * (`finish`). It believes what it is told to expect, and nothing in the export. After the first fault nothing more is looked at.
 */
export class ExportVerification {
  private state = TreeState.empty();
  private start = 0;
  private pruned = 0;
  private vouchedFor = 0;
  private before = 0;
  private compared = 0;
  private hasBegun = false;
  private hasLines = false;
  private tenantId: string | undefined;
  private origin: string | undefined;
  /** Base 64 of the root, by size. */
  private readonly roots = new Map<number, string>();
  /** Sizes whose roots are still to be compared, the smallest last. */
  private waiting: number[] = [];
  private fault: Fault | undefined;

  constructor(private readonly options: ExportOptions = {}) {
    this.tenantId = options.tenantId;
  }

  /** Expects a tree, in any order, before the first line. It was verified whose it is. */
  expect({ origin, size, root }: TreeHead): Fault | undefined {
    if (this.hasBegun) throw new TypeError('The export has begun.');
    this.origin ??= origin;
    this.tenantId ??= tenantOfOrigin(origin);
    const text = Buffer.from(root).toString('base64');
    const known = this.roots.get(size);
    if (this.origin !== origin) this.fault ??= { reason: 'other_log', index: 0 };
    else if (known !== undefined && known !== text) this.fault ??= this.span('checkpoints_contradict', 0, size);
    this.roots.set(size, text);
    return this.fault;
  }

  /** Takes the next line, without its newline. */
  add(line: string): Fault | undefined {
    this.begin();
    this.fault ??= this.examine(line);
    return this.fault;
  }

  /** Compares the end with what was expected. */
  finish(): ExportVerdict {
    this.begin();
    this.fault ??= this.compare() ?? this.missingTail();
    if (this.fault) return { ok: false, fault: this.fault };
    return {
      ok: true,
      tenantId: this.tenantId,
      origin: this.origin,
      start: this.start,
      size: this.state.size,
      root: this.state.root(),
      pruned: this.pruned,
      checkpoints: { compared: this.compared, before: this.before, beyond: this.waiting.length },
      vouchedFor: this.vouchedFor,
    };
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.waiting = [...this.roots.keys()].toSorted((a, b) => b - a);
  }

  private examine(line: string): Fault | undefined {
    try {
      const parsed = parseLine(line);
      return 'start' in parsed ? this.startAt(parsed.start) : this.take(parsed);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return { reason: 'line_malformed', index: this.state.size, detail: error.message };
    }
  }

  private startAt(state: TreeState): Fault | undefined {
    if (this.hasLines) return { reason: 'start_misplaced', index: this.state.size };
    this.hasLines = true;
    this.state = state;
    this.start = state.size;
    return this.compare();
  }

  private take({ index, leafHash, event, leafHashFits }: ReadEntry): Fault | undefined {
    this.hasLines = true;
    const expected = this.state.size;
    const before = this.compare();
    if (before) return before;
    if (index > expected) return this.span('entries_missing', expected, index);
    if (index < expected) return { reason: 'entry_out_of_order', index: expected };
    if (!leafHashFits) return { reason: 'event_changed', index };
    if (event) this.tenantId ??= event.tenantId;
    else this.pruned += 1;
    if (event && event.tenantId !== this.tenantId) return { reason: 'other_tenant', index };
    this.state.append(leafHash);
    return this.compare();
  }

  /** Holds the tree as it is now against what was expected of this size. */
  private compare(): Fault | undefined {
    const { size } = this.state;
    for (let next = this.waiting.at(-1); next !== undefined && next <= size; next = this.waiting.at(-1)) {
      this.waiting.pop();
      if (next < size) {
        this.before += 1;
        continue;
      }
      if (this.roots.get(size) !== this.state.root().toString('base64'))
        return this.span('tree_differs', this.vouchedFor, size);
      this.compared += 1;
      this.vouchedFor = size;
    }
    return undefined;
  }

  private missingTail(): Fault | undefined {
    const next = this.waiting.at(-1);
    return next === undefined || this.options.isPartial ? undefined : this.span('tail_cut', this.state.size, next);
  }

  /** A fault of entries up to, but without, `end`. */
  private span(reason: FaultReason, index: number, end: number): Fault {
    return end - index > 1 ? { reason, index, lastIndex: end - 1 } : { reason, index };
  }
}
