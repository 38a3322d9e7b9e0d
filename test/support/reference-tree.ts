import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { hashLeaf, TreeState, type NodeAddress } from '#audit-log';

/** The definitions of RFC 6962 §2.1, word for word, with another function for SHA-256. */
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const below = (n: number) => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
/** MTH(D[n]) */
export function referenceRoot(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (!only) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), only);
  const k = below(leaves.length);
  return sha256(Buffer.of(1), referenceRoot(leaves.slice(0, k)), referenceRoot(leaves.slice(k)));
}
/** PATH(m, D[n]) */
export function referencePath(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = below(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k
    ? [...referencePath(m, left), referenceRoot(right)]
    : [...referencePath(m - k, right), referenceRoot(left)];
}
/** SUBPROOF(m, D[n], b) */
export function referenceSubproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [referenceRoot(leaves)];
  const k = below(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...referenceSubproof(m, left, whole), referenceRoot(right)]
    : [...referenceSubproof(m - k, right, false), referenceRoot(left)];
}

export const leavesOf = (size: number) => Array.from({ length: size }, (_, n) => Buffer.from(`leaf ${n}`));
export const grown = (leaves: readonly Uint8Array[]) => {
  const state = TreeState.empty();
  for (const leaf of leaves) state.append(hashLeaf(leaf));
  return state;
};

/** A store of all complete subtrees of some levels, and how often it was asked. */
export function storeOf(leaves: readonly Uint8Array[], hasLevel: (level: number) => boolean) {
  const nodes = new Map<string, Buffer>();
  const state = TreeState.empty();
  for (const [index, leaf] of leaves.entries()) {
    nodes.set(`0/${index}`, hashLeaf(leaf));
    state.append(hashLeaf(leaf), ({ level, index }, hash) => {
      if (hasLevel(level)) nodes.set(`${level}/${index}`, hash);
    });
  }
  const asked: number[] = [];
  const read = (wanted: readonly NodeAddress[]) => {
    asked.push(wanted.length);
    return wanted.map(({ level, index }) => nodes.get(`${level}/${index}`) ?? Buffer.alloc(0));
  };
  return { read, hasLevel, asked };
}

const size = fc.integer({ min: 1, max: 140 });
export const place = size.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 })));
export const twoSizes = size.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n })));
