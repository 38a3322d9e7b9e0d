import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  leavesOf,
  place,
  referencePath,
  referenceRoot,
  referenceSubproof,
  storeOf,
  twoSizes,
} from '../../../test/support/reference-tree.js';
import {
  consistencyProof,
  emptyRoot,
  hashChildren,
  hashLeaf,
  inclusionProof,
  inclusionProofs,
  verifyConsistency,
  verifyInclusion,
} from './index.js';

const stores = [() => false, () => true, (level: number) => level % 2 === 0, (level: number) => level % 8 === 0];
const storeKind = fc.constantFrom(...stores);
const flipped = (hash: Uint8Array, bit = 0) => {
  const bytes = Buffer.from(hash);
  bytes[0] = (bytes[0] ?? 0) ^ (1 << bit);
  return bytes;
};

const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString('hex'));

describe('proofs', () => {
  test('of inclusion are those of the RFC, from whatever store, asked once, and verify', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(60), storeKind, async ([length, index], more, kind) => {
        const leaves = leavesOf(length);
        const store = storeOf(leavesOf(length + more), kind);
        const proof = await inclusionProof(index, length, store);
        expect(hex(proof)).toEqual(hex(referencePath(index, leaves)));
        expect(store.asked.length).toBeLessThanOrEqual(1);
        const hash = hashLeaf(leaves[index] ?? '');
        const tree = { size: length, root: referenceRoot(leaves) };
        expect(verifyInclusion({ hash, index }, tree, proof)).toBe(true);
      }),
    );
  });

  test('of inclusion of several leaves are those of each, with one question that has no node twice', async () => {
    const several = fc.array(fc.nat(), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(place, several, storeKind, async ([length, index], others, kind) => {
        const leaves = leavesOf(length);
        const indexes = [index, ...others.map((other) => other % length)];
        const { read, ...store } = storeOf(leaves, kind);
        const asked: string[] = [];
        const proofs = await inclusionProofs(indexes, length, {
          ...store,
          read: (nodes) => {
            asked.push(...nodes.map(({ level, index }) => `${level}/${index}`));
            return read(nodes);
          },
        });
        expect(proofs.map(hex)).toEqual(indexes.map((each) => hex(referencePath(each, leaves))));
        expect(store.asked.length).toBeLessThanOrEqual(1);
        expect(asked.length).toBe(new Set(asked).size);
      }),
    );
    expect(
      await inclusionProofs(
        [],
        7,
        storeOf(leavesOf(7), () => true),
      ),
    ).toEqual([]);
  });

  test('of inclusion hold for this leaf, place, tree and proof only', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), async ([length, index], any) => {
        const leaves = leavesOf(length);
        const proof = await inclusionProof(
          index,
          length,
          storeOf(leaves, () => true),
        );
        const leaf = { hash: hashLeaf(leaves[index] ?? ''), index };
        const tree = { size: length, root: referenceRoot(leaves) };
        expect(verifyInclusion({ ...leaf, hash: flipped(leaf.hash) }, tree, proof)).toBe(false);
        expect(verifyInclusion(leaf, { ...tree, root: flipped(tree.root) }, proof)).toBe(false);
        expect(verifyInclusion(leaf, tree, [...proof, Buffer.alloc(32)])).toBe(false);
        if (proof.length > 0) {
          const at = any % proof.length;
          expect(verifyInclusion(leaf, tree, proof.with(at, flipped(proof[at] ?? Buffer.alloc(32))))).toBe(false);
          expect(verifyInclusion(leaf, tree, proof.toSpliced(at, 1))).toBe(false);
        }
        const other = any % (length + 1);
        if (other !== index) expect(verifyInclusion({ ...leaf, index: other }, tree, proof)).toBe(false);
      }),
    );
  });

  test('of consistency are those of the RFC, from whatever store, asked once, and verify', async () => {
    await fc.assert(
      fc.asyncProperty(twoSizes, fc.nat(60), storeKind, async ([length, old], more, kind) => {
        const leaves = leavesOf(length);
        const store = storeOf(leavesOf(length + more), kind);
        const proof = await consistencyProof(old, length, store);
        expect(hex(proof)).toEqual(hex(referenceSubproof(old, leaves, true)));
        expect(store.asked.length).toBeLessThanOrEqual(1);
        const older = { size: old, root: referenceRoot(leaves.slice(0, old)) };
        expect(verifyConsistency(older, { size: length, root: referenceRoot(leaves) }, proof)).toBe(true);
      }),
    );
  });

  test('of consistency hold for these trees and this proof only', async () => {
    await fc.assert(
      fc.asyncProperty(twoSizes, fc.nat(), async ([length, old], any) => {
        const leaves = leavesOf(length);
        const proof = await consistencyProof(
          old,
          length,
          storeOf(leaves, () => true),
        );
        const older = { size: old, root: referenceRoot(leaves.slice(0, old)) };
        const tree = { size: length, root: referenceRoot(leaves) };
        expect(verifyConsistency({ ...older, root: flipped(older.root) }, tree, proof)).toBe(false);
        expect(verifyConsistency(older, { ...tree, root: flipped(tree.root) }, proof)).toBe(false);
        expect(verifyConsistency(older, tree, [...proof, Buffer.alloc(32)])).toBe(false);
        if (proof.length > 0) {
          const at = any % proof.length;
          expect(verifyConsistency(older, tree, proof.with(at, flipped(proof[at] ?? Buffer.alloc(32))))).toBe(false);
          expect(verifyConsistency(older, tree, proof.toSpliced(at, 1))).toBe(false);
        }
        const rewritten = leaves.with(any % old, Buffer.from('another'));
        const forked = await consistencyProof(
          old,
          length,
          storeOf(rewritten, () => true),
        );
        expect(verifyConsistency(older, { size: length, root: referenceRoot(rewritten) }, forked)).toBe(false);
      }),
    );
  });

  test('do not hold for trees of another size, whose root lies above or below', async () => {
    await fc.assert(
      fc.asyncProperty(twoSizes, fc.nat(), async ([length, old], any) => {
        const leaves = leavesOf(length);
        const store = storeOf(leaves, () => true);
        const tree = { size: length, root: referenceRoot(leaves) };
        const above = hashLeaf('above');
        const higher = { size: length, root: hashChildren(above, tree.root) };
        const larger = { ...tree, size: length * 4 };

        const leaf = { hash: hashLeaf(leaves[any % length] ?? ''), index: any % length };
        const inclusion = await inclusionProof(leaf.index, length, store);
        expect(verifyInclusion(leaf, higher, [...inclusion, above])).toBe(false);
        expect(verifyInclusion(leaf, larger, inclusion)).toBe(false);

        const older = { size: old, root: referenceRoot(leaves.slice(0, old)) };
        const higherOlder = { size: old, root: hashChildren(above, older.root) };
        const consistency = await consistencyProof(old, length, store);
        expect(verifyConsistency(higherOlder, higher, [...consistency, above])).toBe(false);
        expect(verifyConsistency(older, larger, consistency)).toBe(false);
      }),
    );
  });

  test('of the empty tree and of the same tree are empty', async () => {
    const store = storeOf(leavesOf(5), () => true);
    const tree = { size: 5, root: referenceRoot(leavesOf(5)) };
    expect(await consistencyProof(0, 5, store)).toEqual([]);
    expect(await consistencyProof(5, 5, store)).toEqual([]);
    expect(store.asked).toEqual([]);
    expect(verifyConsistency({ size: 0, root: emptyRoot() }, tree, [])).toBe(true);
    expect(verifyConsistency({ size: 0, root: emptyRoot() }, tree, [Buffer.alloc(32)])).toBe(false);
    expect(verifyConsistency(tree, tree, [])).toBe(true);
    expect(verifyConsistency(tree, { ...tree, root: Buffer.alloc(32) }, [])).toBe(false);
    expect(verifyConsistency(tree, tree, [Buffer.alloc(32)])).toBe(false);
    expect(verifyConsistency({ ...tree, size: 3 }, tree, [])).toBe(false);
  });

  test('do not hold for what is no size, no place and no hash', () => {
    const hash = hashLeaf('a');
    const tree = { size: 1, root: hash };
    expect(verifyInclusion({ hash, index: 0 }, tree, [])).toBe(true);
    for (const index of [-1, 0.5, Number.NaN, 1]) expect(verifyInclusion({ hash, index }, tree, [])).toBe(false);
    for (const size of [-1, 1.5, Number.NaN, 2 ** 60]) {
      expect(verifyInclusion({ hash, index: 0 }, { ...tree, size }, [])).toBe(false);
      expect(verifyConsistency({ ...tree, size }, tree, [])).toBe(false);
      expect(verifyConsistency(tree, { ...tree, size }, [])).toBe(false);
    }
    const short = Buffer.alloc(31);
    expect(verifyInclusion({ hash: short, index: 0 }, { size: 1, root: short }, [])).toBe(false);
    expect(verifyConsistency({ size: 1, root: short }, { size: 1, root: short }, [])).toBe(false);
    expect(verifyConsistency(tree, { size: 2, root: hash }, [short])).toBe(false);
    expect(verifyConsistency({ size: 2, root: hash }, tree, [])).toBe(false);
    // Nor for half a hash among whole ones, where it would be taken for what stood there before.
    const two = { size: 2, root: hashChildren(hash, hash) };
    expect(verifyInclusion({ hash, index: 0 }, two, [hash])).toBe(true);
    expect(verifyInclusion({ hash, index: 0 }, two, [hash.subarray(0, 31)])).toBe(false);
    expect(verifyConsistency(tree, two, [hash])).toBe(true);
    expect(verifyConsistency(tree, two, [hash.subarray(0, 31)])).toBe(false);
  });

  test('are not made for what is not in the tree', () => {
    const store = storeOf(leavesOf(4), () => true);
    expect(() => inclusionProof(4, 4, store)).toThrow(new RangeError('A tree of 4 leaves has no leaf 4.'));
    expect(() => inclusionProof(-1, 4, store)).toThrow(RangeError);
    expect(() => inclusionProof(0, 1.5, store)).toThrow(RangeError);
    expect(() => consistencyProof(5, 4, store)).toThrow(new RangeError('A tree of 4 leaves never had 5.'));
    expect(() => consistencyProof(-1, 4, store)).toThrow(RangeError);
  });

  test('are not made of hashes that a store does not have', async () => {
    const read = () => [];
    await expect(inclusionProof(0, 2, { read })).rejects.toThrow('The store was asked for 1 hashes of 32 bytes');
    await expect(
      inclusionProof(
        0,
        2,
        storeOf([], () => true),
      ),
    ).rejects.toThrow(TypeError);
  });
});
