import type { StoredEvent } from '#persistence';

/** A sealed event with its place in the log. */
export interface LogRow extends StoredEvent {
  readonly sequence: number;
  readonly leafHash: Buffer;
  /** Of the user whom it is about; null where there is none, where the user is erased, and where the reader may not see it. */
  readonly eventKeySealed: Buffer | null;
}

/** An entry as it is hashed: of one whose event was pruned, the leaf hash is what is left. */
export type EntryRow = LogRow | { readonly id: null; readonly sequence: number; readonly leafHash: Buffer };
