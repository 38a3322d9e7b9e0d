import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyProof,
  emptyRoot,
  hashChildren,
  hashLeaf,
  inclusionProof,
  MalformedError,
  TreeState,
  treeStateAt,
  verifyConsistency,
  verifyInclusion,
  type NodeAddress,
} from './index.js';

/** The definitions of RFC 6962 §2.1, word for word, with another function for SHA-256. */
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const below = (n: number) => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
/** MTH(D[n]) */
function referenceRoot(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (!only) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), only);
  const k = below(leaves.length);
  return sha256(Buffer.of(1), referenceRoot(leaves.slice(0, k)), referenceRoot(leaves.slice(k)));
}
/** PATH(m, D[n]) */
function referencePath(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = below(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k
    ? [...referencePath(m, left), referenceRoot(right)]
    : [...referencePath(m - k, right), referenceRoot(left)];
}
/** SUBPROOF(m, D[n], b) */
function referenceSubproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [referenceRoot(leaves)];
  const k = below(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m <= k
    ? [...referenceSubproof(m, left, whole), referenceRoot(right)]
    : [...referenceSubproof(m - k, right, false), referenceRoot(left)];
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, n) => Buffer.from(`leaf ${n}`));
const grown = (leaves: readonly Uint8Array[]) => {
  const state = TreeState.empty();
  for (const leaf of leaves) state.append(hashLeaf(leaf));
  return state;
};

/** A store of all complete subtrees of some levels, and how often it was asked. */
function storeOf(leaves: readonly Uint8Array[], hasLevel: (level: number) => boolean) {
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
const stores = [() => false, () => true, (level: number) => level % 2 === 0, (level: number) => level % 8 === 0];

const size = fc.integer({ min: 1, max: 140 });
const place = size.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 })));
const twoSizes = size.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n })));
const storeKind = fc.constantFrom(...stores);
const flipped = (hash: Uint8Array, bit = 0) => {
  const bytes = Buffer.from(hash);
  bytes[0] = (bytes[0] ?? 0) ^ (1 << bit);
  return bytes;
};

// From the tests of Certificate Transparency (google/certificate-transparency, merkletree/merkle_tree_test.cc).
const vectors = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const vectorLeaves = vectors.map((hex) => Buffer.from(hex, 'hex'));
const vectorRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString('hex'));

describe('the tree', () => {
  test('has the roots of Certificate Transparency', () => {
    const state = TreeState.empty();
    const roots = vectorLeaves.map((leaf) => {
      state.append(hashLeaf(leaf));
      return state.root();
    });
    expect(hex(roots)).toEqual(vectorRoots);
    expect(emptyRoot().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(TreeState.empty().root()).toEqual(emptyRoot());
  });

  test('has the proofs of Certificate Transparency', async () => {
    const store = storeOf(vectorLeaves, () => true);
    expect(hex(await inclusionProof(5, 8, store))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(hex(await consistencyProof(1, 8, store))).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect(hex(await consistencyProof(6, 8, store))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  test('takes a text for its UTF-8, and tells leaves from nodes', () => {
    expect(hashLeaf('é')).toEqual(hashLeaf(Buffer.from('é')));
    const [left, right] = [hashLeaf('a'), hashLeaf('b')];
    expect(hashChildren(left, right)).not.toEqual(hashLeaf(Buffer.concat([left, right])));
    expect(hashChildren(left, right)).not.toEqual(hashChildren(right, left));
  });

  test('has the root of the RFC at every size, and after each way through bytes', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const leaves = leavesOf(length);
        const state = TreeState.fromBytes(grown(leaves.slice(0, at)).toBytes());
        const other = state.clone();
        for (const leaf of leaves.slice(at)) state.append(hashLeaf(leaf));
        expect(state.size).toBe(length);
        expect(state.root()).toEqual(referenceRoot(leaves));
        expect(other.root()).toEqual(referenceRoot(leaves.slice(0, at)));
        expect(TreeState.of(state.size, state.hashes).toBytes()).toEqual(state.toBytes());
      }),
    );
  });

  test('tells each complete subtree once', () => {
    const told = new Set<string>();
    const state = TreeState.empty();
    for (const leaf of leavesOf(100)) {
      state.append(hashLeaf(leaf), ({ level, index }, hash) => {
        expect(hash).toEqual(referenceRoot(leavesOf(100).slice(index * 2 ** level, (index + 1) * 2 ** level)));
        told.add(`${level}/${index}`);
      });
    }
    expect(told.size).toBe(50 + 25 + 12 + 6 + 3 + 1);
  });

  test('refuses a state that is none', () => {
    const three = grown(leavesOf(3));
    const hashes = three.hashes;
    for (const bad of [-1, 1.5, 2 ** 53, 2, 7]) expect(() => TreeState.of(bad, hashes)).toThrow(MalformedError);
    expect(() => TreeState.of(3, [hashes[0] ?? Buffer.alloc(0), Buffer.alloc(31)])).toThrow(MalformedError);
    const bytes = three.toBytes();
    expect(bytes).toHaveLength(8 + 2 * 32);
    for (const length of [0, 7, 8, bytes.length - 1, bytes.length - 32])
      expect(() => TreeState.fromBytes(bytes.subarray(0, length))).toThrow(MalformedError);
    expect(() => TreeState.fromBytes(Buffer.alloc(8, 255))).toThrow(MalformedError);
    expect(() => three.append(Buffer.alloc(31))).toThrow(new TypeError('A hash has 32 bytes.'));
  });
});

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

describe('the state of a tree', () => {
  test('is found again at any earlier size', async () => {
    const store = storeOf(leavesOf(77), (level) => level % 2 === 0);
    for (const at of [0, 1, 2, 3, 63, 64, 65, 77]) {
      expect((await treeStateAt(at, store)).toBytes()).toEqual(grown(leavesOf(at)).toBytes());
    }
    await expect(treeStateAt(-1, store)).rejects.toThrow(RangeError);
  });

  test('needs no more of a store of every eighth level than its tiles', async () => {
    const store = storeOf(leavesOf(3000), (level) => level % 8 === 0);
    await inclusionProof(1500, 3000, store);
    await consistencyProof(1500, 3000, store);
    expect(Math.max(...store.asked)).toBeLessThanOrEqual(2 * 255 + 16);
  });
});
