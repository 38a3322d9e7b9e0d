import { hash } from 'node:crypto';
import { MalformedError } from './errors.js';

/** SHA-256. */
export const hashBytes = 32;

/** Whether these are the bytes of a hash. */
export const isHash = (bytes: unknown): bytes is Uint8Array =>
  bytes instanceof Uint8Array && bytes.length === hashBytes;

// Written anew for each use: nothing else runs meanwhile.
const leafInput = Buffer.alloc(16 * 1024);

/** RFC 6962 §2.1: the hash of a leaf, SHA-256(0x00 ‖ leaf). A text stands for its UTF-8. */
export function hashLeaf(leaf: string | Uint8Array): Buffer {
  // A text has at most 3 bytes for each of its code units.
  if (typeof leaf === 'string' && leaf.length * 3 < leafInput.length)
    return hash('sha256', leafInput.subarray(0, 1 + leafInput.write(leaf, 1)), 'buffer');
  return hash('sha256', Buffer.concat([Buffer.alloc(1), Buffer.from(leaf)]), 'buffer');
}

const pair = Buffer.alloc(1 + 2 * hashBytes, 1);

/** RFC 6962 §2.1: the hash of an inner node, SHA-256(0x01 ‖ left ‖ right). */
export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + hashBytes);
  return hash('sha256', pair, 'buffer');
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Buffer => hash('sha256', '', 'buffer');

/**
 * All that has to be known of a tree to let it grow: how many leaves it has, and the roots of the complete subtrees that it
 * consists of, the largest first. A tree of 6 leaves has one of 4 leaves and one of 2.
 */
export class TreeState {
  private constructor(
    private count: number,
    private readonly subtrees: Buffer[],
  ) {}

  static empty(): TreeState {
    return new TreeState(0, []);
  }

  /**
   * @param size leaves
   * @param hashes one for each bit that is set in `size`, the largest subtree first
   * @throws {MalformedError} where they do not fit
   */
  static of(size: number, hashes: readonly Uint8Array[]): TreeState {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new MalformedError('tree state', 'A size is a whole number from 0 on.');
    if (hashes.length !== onesOf(size) || !hashes.every(isHash))
      throw new MalformedError('tree state', `A tree of ${size} leaves has ${onesOf(size)} hashes of 32 bytes.`);
    return new TreeState(
      size,
      hashes.map((bytes) => Buffer.from(bytes)),
    );
  }

  /** @throws {MalformedError} for what `toBytes` did not write */
  static fromBytes(bytes: Uint8Array): TreeState {
    const buffer = Buffer.from(bytes);
    if (buffer.length < 8) throw new MalformedError('tree state', 'It has fewer than 8 bytes.');
    const size = Number(buffer.readBigUInt64BE());
    const count = (buffer.length - 8) / hashBytes;
    if (!Number.isInteger(count)) throw new MalformedError('tree state', 'It ends in the middle of a hash.');
    return TreeState.of(
      size,
      Array.from({ length: count }, (_, n) => buffer.subarray(8 + n * hashBytes, 8 + (n + 1) * hashBytes)),
    );
  }

  /** Leaves. */
  get size(): number {
    return this.count;
  }

  /** Roots of the complete subtrees, the largest first. */
  get hashes(): readonly Buffer[] {
    return this.subtrees;
  }

  /**
   * Adds a leaf.
   * @param onNode is told each inner node that became complete by it, which never changes again
   */
  append(leafHash: Uint8Array, onNode?: (node: NodeAddress, hash: Buffer) => void): void {
    if (!isHash(leafHash)) throw new TypeError('A hash has 32 bytes.');
    let node: Buffer = Buffer.from(leafHash);
    let index = this.count;
    // Each subtree that is as large as the new one stands left of it.
    for (let level = 1; index % 2 === 1; level += 1) {
      node = hashChildren(this.subtrees.pop() ?? node, node);
      index = (index - 1) / 2;
      onNode?.({ level, index }, node);
    }
    this.subtrees.push(node);
    this.count += 1;
  }

  root(): Buffer {
    return (
      this.subtrees.reduceRight<Buffer | undefined>(
        (right, left) => (right ? hashChildren(left, right) : left),
        undefined,
      ) ?? emptyRoot()
    );
  }

  /** For a column of a database: the size in 8 bytes, big endian, then the hashes. */
  toBytes(): Buffer {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(this.count));
    return Buffer.concat([size, ...this.subtrees]);
  }

  /** A state that grows apart from this one. */
  clone(): TreeState {
    return new TreeState(this.count, [...this.subtrees]);
  }
}

/** A complete subtree: the leaves from `index` · 2^`level` on, 2^`level` of them. Level 0 are the leaves themselves. */
export interface NodeAddress {
  readonly level: number;
  readonly index: number;
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
