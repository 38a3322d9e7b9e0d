import type { KeyObject } from 'node:crypto';
import { encodeEvent, genesisHash, hashBytes, link, type ChainEntry } from './chain.js';
import { verifyCheckpoint, type SignedCheckpoint } from './checkpoint.js';

export type BadReason =
  /** The entry does not have the shape of one. */
  | 'malformed'
  /** The entry tells of another tenant. */
  | 'other_tenant'
  /** An entry is not there; the next one that is has a higher sequence. */
  | 'missing'
  /** An entry stands where an earlier one belongs: inserted, doubled or swapped. */
  | 'out_of_order'
  /** The hash fits neither the content nor the entry before. */
  | 'hash_mismatch'
  /** The chain is whole in itself, but a checkpoint saw another one: it was rewritten, here or further up. */
  | 'checkpoint_mismatch'
  /** The chain ends before the entry that a checkpoint saw: its tail was cut off. */
  | 'tail_cut'
  /** A checkpoint's signature is wrong. */
  | 'checkpoint_forged'
  /** A checkpoint names a key that the verifier was not given. */
  | 'checkpoint_key_unknown';

export interface FirstBad {
  readonly sequence: number;
  readonly reason: BadReason;
}

export type ChainVerdict =
  | {
      readonly ok: true;
      /** Entries looked at. */
      readonly entries: number;
      readonly last: { readonly sequence: number; readonly hash: Buffer };
      /** The highest entry that a checkpoint vouches for: what comes after it can still be cut off or rewritten unseen. */
      readonly coveredUpTo: number;
    }
  | { readonly ok: false; readonly firstBad: FirstBad };

export interface VerificationOptions {
  /** Whose chain it should be: a chain of another tenant, whole in itself, must not pass for it. */
  readonly tenantId: string;
  /** In any order. Those before `startFrom` are not looked at, those of another tenant make no sense and fail. */
  readonly checkpoints: readonly SignedCheckpoint[];
  /** Ed25519, by key id. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** The last entry before the first given, from a source that is trusted; without it the chain is given whole. */
  readonly startFrom?: { readonly sequence: number; readonly hash: Uint8Array };
}

/** A check in progress, for chains that don't fit into memory. */
export interface ChainVerification {
  /** Takes the next entry. After the first bad one, whatever follows is not looked at. */
  add(entry: ChainEntry): FirstBad | undefined;
  /** Compares the end with the checkpoints. */
  finish(): ChainVerdict;
}

/** Begins to check a chain, entry by entry. It trusts the public keys, `tenantId` and `startFrom`, and nothing else. */
export function startVerification(options: VerificationOptions): ChainVerification {
  const start = options.startFrom ?? { sequence: 0, hash: genesisHash(options.tenantId) };
  const waiting = options.checkpoints
    .filter((checkpoint) => !(checkpoint.sequence < start.sequence))
    .toSorted((a, b) => a.sequence - b.sequence);

  let last: { sequence: number; hash: Buffer } = { sequence: start.sequence, hash: Buffer.from(start.hash) };
  let coveredUpTo = 0;
  let firstBad: FirstBad | undefined = waiting.some((checkpoint) => !Number.isSafeInteger(checkpoint.sequence))
    ? { sequence: start.sequence + 1, reason: 'checkpoint_forged' }
    : undefined;

  const faultOf = (checkpoint: SignedCheckpoint): BadReason | undefined => {
    const key = options.publicKeys.get(checkpoint.keyId);
    if (!key) return 'checkpoint_key_unknown';
    if (!verifyCheckpoint(checkpoint, key)) return 'checkpoint_forged';
    if (checkpoint.tenantId !== options.tenantId) return 'other_tenant';
    return undefined;
  };

  /** Holds the entry just reached against the checkpoints that saw it. */
  const compare = (): FirstBad | undefined => {
    for (let next = waiting[0]; next && next.sequence === last.sequence; next = waiting[0]) {
      waiting.shift();
      const reason = faultOf(next) ?? (last.hash.equals(next.hash) ? undefined : 'checkpoint_mismatch');
      if (reason) return { sequence: last.sequence, reason };
      coveredUpTo = last.sequence;
    }
    return undefined;
  };

  const examine = (entry: ChainEntry): FirstBad | undefined => {
    const expected = last.sequence + 1;
    if (!Number.isSafeInteger(entry.sequence)) return { sequence: expected, reason: 'malformed' };
    if (entry.sequence > expected) return { sequence: expected, reason: 'missing' };
    if (entry.sequence < expected) return { sequence: expected, reason: 'out_of_order' };
    const hash = hashOf(entry, last.hash);
    if (!hash) return { sequence: expected, reason: 'malformed' };
    if (entry.event.tenantId !== options.tenantId) return { sequence: expected, reason: 'other_tenant' };
    if (!hash.equals(entry.hash)) return { sequence: expected, reason: 'hash_mismatch' };
    last = { sequence: expected, hash };
    return compare();
  };

  let entries = 0;
  firstBad ??= compare();
  return {
    add(entry) {
      firstBad ??= examine(entry);
      if (!firstBad) entries += 1;
      return firstBad;
    },
    finish() {
      const beyond = waiting[0];
      if (!firstBad && beyond) {
        // A forged checkpoint says nothing about the tail.
        firstBad = { sequence: last.sequence + 1, reason: faultOf(beyond) ?? 'tail_cut' };
      }
      return firstBad ? { ok: false, firstBad } : { ok: true, entries, last, coveredUpTo };
    },
  };
}

/** Checks a chain, in order from its first entry (or from the one after `startFrom`) to its last. */
export function verifyChain(entries: Iterable<ChainEntry>, options: VerificationOptions): ChainVerdict {
  const verification = startVerification(options);
  for (const entry of entries) {
    if (verification.add(entry)) break;
  }
  return verification.finish();
}

function hashOf(entry: ChainEntry, previousHash: Uint8Array): Buffer | undefined {
  if (!(entry.hash instanceof Uint8Array) || entry.hash.length !== hashBytes) return undefined;
  try {
    return link(previousHash, entry.sequence, encodeEvent(entry.event));
  } catch {
    return undefined;
  }
}
