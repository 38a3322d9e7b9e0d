import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grown, leavesOf, place, referenceRoot, storeOf } from '../../../test/support/reference-tree.js';
import {
  consistencyProof,
  emptyRoot,
  hashChildren,
  hashLeaf,
  inclusionProof,
  MalformedError,
  TreeState,
  treeStateAt,
} from './index.js';

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
