import {
  emptyRoot,
  formatNote,
  formatSignatures,
  MalformedError,
  parseNote,
  parseTreeHead,
  parseWitnessRequest,
  signNote,
  unverified,
  UnverifiedError,
  verifyConsistency,
  verifyNote,
  type Note,
  type TreeHead,
} from '#audit-log';
import type { Logger } from '#runtime';
import type { WatchedLogs } from './watched-logs.js';
import type { KeptHead, WitnessStore } from './witness-store.js';

/** Why a checkpoint is not cosigned, by the status that C2SP tlog-witness gives it. */
export class Refusal extends Error {
  override name = 'Refusal';

  constructor(
    readonly status: 400 | 403 | 404 | 409 | 422 | 507,
    message: string,
    /** For 409: entries that the log had when it was cosigned last. */
    readonly size?: number,
  ) {
    super(message);
  }
}

export interface WitnessParts {
  readonly logs: WatchedLogs;
  readonly store: WitnessStore;
  readonly logger: Logger;
  /** How many logs it remembers: a key for any tenant may sign for as many as its owner likes. 100,000 (some 20 MB) where left out. */
  readonly mostLogs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

interface Submission {
  readonly oldSize: number;
  readonly hashes: readonly Uint8Array[];
  readonly note: Note;
  readonly head: TreeHead;
}

/** What every log is before its first entry. */
const nothing: KeptHead = { size: 0, root: emptyRoot() };

/**
 * A witness (C2SP tlog-witness). By a cosignature it says: this is the largest tree of this log that I have seen, and all that
 * I saw before are part of it.
 */
export class Witness {
  constructor(private readonly parts: WitnessParts) {}

  /**
   * From reading the store to writing it nothing else runs, and what is kept is on disk before it is signed: so no two
   * trees of one size are ever signed, whoever asks at once and whenever the process ends.
   * @param body of `add-checkpoint`
   * @returns the cosignature, as lines of a note
   * @throws {Refusal}
   */
  cosign(body: Uint8Array): string {
    const submission = read(body);
    const { oldSize, hashes, note, head } = submission;
    this.assertSigned(submission);
    const kept = this.parts.store.find(head.origin);
    const known = kept ?? nothing;
    if (oldSize > head.size) throw new Refusal(400, 'The old size is larger than that of the checkpoint.');
    if (oldSize !== known.size)
      throw new Refusal(409, 'The old size is not that of the last checkpoint that was cosigned.', known.size);
    if (head.size === known.size && Buffer.compare(head.root, known.root) !== 0) {
      this.report(submission, known);
      throw new Refusal(409, 'A tree of this size with another root was cosigned.', known.size);
    }
    if (!verifyConsistency(known, head, hashes)) {
      this.report(submission, known);
      throw new Refusal(
        422,
        `The proof does not show that this tree grew from the one of ${known.size} entries that was cosigned last.`,
      );
    }
    if (head.size !== known.size) this.keep(kept, head);
    return this.sign(note);
  }

  private assertSigned({ note, head }: Submission): void {
    const keys = this.parts.logs.keysOf(head.origin);
    if (keys.length === 0)
      throw new Refusal(404, 'This log is not watched. The operator of the witness can add its key to WITNESS_LOGS.');
    try {
      if (verifyNote(note, keys).length > 0) return;
    } catch (error) {
      if (!(error instanceof UnverifiedError)) throw error;
      throw new Refusal(403, error.message);
    }
    throw new Refusal(403, unverified.log_key_unknown);
  }

  private keep(kept: KeptHead | undefined, head: TreeHead): void {
    const { store, mostLogs = 100_000 } = this.parts;
    if (!kept && store.count() >= mostLogs) throw new Refusal(507, `This witness remembers ${mostLogs} logs at most.`);
    if (!store.advance(head.origin, kept, head))
      throw new Refusal(409, 'Another checkpoint was cosigned meanwhile.', store.find(head.origin)?.size ?? 0);
  }

  private sign({ text }: Note): string {
    const { store, now = Date.now } = this.parts;
    return formatSignatures(signNote(text, [store.key], Math.floor(now() / 1000)).signatures);
  }

  /** The log itself signed what does not fit: where its proof was not just garbled on the way, it was forked or rewritten. */
  private report({ note, head }: Submission, known: KeptHead): void {
    const cosigned = { size: known.size, root: Buffer.from(known.root).toString('base64') };
    const refused = { size: head.size, checkpoint: formatNote(note) };
    this.parts.logger.warn(
      { origin: head.origin, cosigned, refused },
      'a checkpoint was refused: it does not continue the one that was cosigned last',
    );
  }
}

function read(body: Uint8Array): Submission {
  try {
    const { oldSize, hashes, checkpoint } = parseWitnessRequest(body);
    const note = parseNote(checkpoint);
    return { oldSize, hashes, note, head: parseTreeHead(note.text) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new Refusal(400, `The ${error.what} is malformed. ${error.message}`);
  }
}
