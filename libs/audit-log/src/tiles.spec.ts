import { describe, expect, test } from '@jest/globals';
import { bundledEntry, partialTiles, TileTree, tilePath, tileWidth, type TileAddress } from './tiles.js';
import { hashLeaf, TreeState } from './tree.js';

const leaf = (n: number) => hashLeaf(`entry ${n}`);
const pathsOf = (tiles: readonly TileAddress[]) => tiles.map(tilePath);

test('paths are those of C2SP tlog-tiles', () => {
  expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
  expect(tilePath({ level: 1, index: 67, width: 3 })).toBe('tile/1/067.p/3');
  expect(tilePath({ level: 'entries', index: 1_234_067, width: 256 })).toBe('tile/entries/x001/x234/067');
  expect(tilePath({ level: 5, index: 1000, width: 255 })).toBe('tile/5/x001/000.p/255');
});

test('a tree of 70,000 has the partial tiles of the specification', () => {
  expect(pathsOf(partialTiles(70_000))).toEqual(['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']);
  expect(pathsOf(partialTiles(65_536))).toEqual(['tile/2/000.p/1']);
  expect(partialTiles(0)).toEqual([]);
});

test('an entry has its length before it, and at most 65,535 bytes', () => {
  expect(bundledEntry('é')).toEqual(Buffer.from([0, 2, 0xc3, 0xa9]));
  expect(bundledEntry('x'.repeat(65_535))).toHaveLength(65_537);
  expect(() => bundledEntry('x'.repeat(65_536))).toThrow('65536 bytes');
});

describe('a tree of tiles', () => {
  test('has the root of the tree, and each tile has the hashes of its level', () => {
    const tree = TileTree.empty();
    const plain = TreeState.empty();
    const nodes = new Map<string, Buffer>();
    const tiles = new Map<string, [TileAddress, Buffer]>();
    for (let n = 0; n < 66_000; n += 1) {
      nodes.set(`0/${n}`, leaf(n));
      plain.append(leaf(n), ({ level, index }, hash) => void nodes.set(`${level / 8}/${index}`, hash));
      for (const tile of tree.append(leaf(n))) tiles.set(tilePath(tile[0]), tile);
    }
    for (const tile of tree.partial()) tiles.set(tilePath(tile[0]), tile);
    expect(tree.root()).toEqual(plain.root());
    expect([...tiles.keys()].filter((path) => !path.startsWith('tile/0/'))).toEqual([
      'tile/1/000',
      'tile/1/001.p/1',
      'tile/2/000.p/1',
    ]);
    for (const [{ level, index, width }, bytes] of tiles.values()) {
      for (let at = 0; at < width; at += 1) {
        const hash = nodes.get(`${level}/${index * tileWidth + at}`);
        if (!hash?.equals(bytes.subarray(at * 32, at * 32 + 32))) throw new Error(`${level}/${index} at ${at}`);
      }
    }
  });

  test.each([0, 1, 255, 256, 257, 511, 512, 700])('goes on from its partial tiles at %i', (size) => {
    const first = TileTree.empty();
    for (let n = 0; n < size; n += 1) first.append(leaf(n));
    const edges = first.partial().map(([, bytes]) => bytes);
    const second = TileTree.of(size, edges);
    expect(second.size).toBe(size - (size % 256));
    const whole = TileTree.empty();
    for (let n = 0; n < 1000; n += 1) {
      whole.append(leaf(n));
      if (n >= second.size) second.append(leaf(n));
    }
    expect(second.root()).toEqual(whole.root());
    expect(second.partial()).toEqual(whole.partial());
  });

  test('refuses a partial tile of another width', () => {
    expect(() => TileTree.of(300, [Buffer.alloc(44 * 32), Buffer.alloc(64)])).toThrow('A tile of 1 hashes');
  });
});
