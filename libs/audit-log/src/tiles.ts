import { MalformedError } from './errors.js';
import { hashBytes, TreeState } from './tree.js';

/** Hashes of a full tile, and entries of a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;
/** Levels of a tree that one level of tiles stands for. */
const tileHeight = 8;
/** The length of an entry stands before it in two bytes. */
const longestEntry = 0xffff;

/** Which tile: `level` of hashes, or a bundle of entries. */
export interface TileAddress {
  readonly level: number | 'entries';
  readonly index: number;
  /** Hashes or entries that it has: 1 to 256. A tile of 256 never changes again. */
  readonly width: number;
}

/** Where it stands: `tile/0/x001/x234/067`, and what is not full yet `tile/0/x001/x234/067.p/5`. */
export function tilePath({ level, index, width }: TileAddress): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const parts = padded.match(/\d{3}/g) ?? [];
  const number = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join('/');
  return `tile/${level}/${number}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** The tiles at the right edge of a tree that are not full, the lowest level first; a bundle of entries is like level 0. */
export function partialTiles(size: number): (TileAddress & { readonly level: number })[] {
  const tiles: (TileAddress & { readonly level: number })[] = [];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(hashes / tileWidth)) {
    const width = hashes % tileWidth;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / tileWidth), width });
  }
  return tiles;
}

/**
 * An entry as a bundle has it: its length in two bytes, big endian, then its bytes.
 * @throws {RangeError} for one that is longer than two bytes tell
 */
export function bundledEntry(encoding: string): Buffer {
  const length = Buffer.byteLength(encoding);
  if (length > longestEntry) throw new RangeError(`An entry of ${length} bytes is too long: ${longestEntry} at most.`);
  const bytes = Buffer.allocUnsafe(2 + length);
  bytes.writeUInt16BE(length);
  bytes.write(encoding, 2);
  return bytes;
}

/** A tree as it grows, and the tiles of hashes that it consists of. */
export class TileTree {
  private constructor(
    private readonly state: TreeState,
    /** Of each level, the hashes of the tile at the right edge. */
    private readonly edge: Buffer[][],
  ) {}

  static empty(): TileTree {
    return new TileTree(TreeState.empty(), []);
  }

  /**
   * The tree of the entries whose bundles are full.
   * @param size of a tree, of which the rest above a multiple of 256 is left out
   * @param edges contents of `partialTiles(size)`, in their order; that of level 0 is not looked at
   * @throws {MalformedError} where one has not its width
   */
  static of(size: number, edges: readonly Uint8Array[]): TileTree {
    const edge: Buffer[][] = [];
    for (const [n, { level, width }] of partialTiles(size).entries()) {
      const bytes = Buffer.from(edges[n] ?? []);
      if (level === 0) continue;
      if (bytes.length !== width * hashBytes)
        throw new MalformedError('tree state', `A tile of ${width} hashes has ${width * hashBytes} bytes.`);
      edge[level] = Array.from({ length: width }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
    }
    const whole = Array.from(edge, (hashes) => hashes ?? []);
    const subtrees = whole.toReversed().flatMap((hashes) => {
      const part = TreeState.empty();
      for (const hash of hashes) part.append(hash);
      return part.hashes;
    });
    return new TileTree(TreeState.of(size - (size % tileWidth), subtrees), whole);
  }

  get size(): number {
    return this.state.size;
  }

  root(): Buffer {
    return this.state.root();
  }

  /** @returns tiles that became full, with their contents */
  append(leafHash: Uint8Array): [TileAddress, Buffer][] {
    const full: [TileAddress, Buffer][] = [];
    const add = (level: number, index: number, hash: Uint8Array) => {
      const hashes = (this.edge[level] ??= []);
      hashes.push(Buffer.from(hash));
      if (hashes.length < tileWidth) return;
      full.push([{ level, index: Math.floor(index / tileWidth), width: tileWidth }, Buffer.concat(hashes)]);
      this.edge[level] = [];
    };
    add(0, this.state.size, leafHash);
    this.state.append(leafHash, ({ level, index }, hash) => {
      if (level % tileHeight === 0) add(level / tileHeight, index, hash);
    });
    return full;
  }

  /** What is not full yet. */
  partial(): [TileAddress, Buffer][] {
    return partialTiles(this.size).map((tile) => [tile, Buffer.concat(this.edge[tile.level] ?? [])]);
  }
}
