import { hashBytes, hashChildren, isHash, TreeState, type NodeAddress } from './tree.js';

/**
 * Gives the hashes of complete subtrees, in the order in which they were asked for. It is called once for a proof, so that
 * a store can answer by one query.
 */
export type HashReader = (nodes: readonly NodeAddress[]) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];

export interface ProofSource {
  readonly read: HashReader;
  /**
   * Whether the store has the nodes of this level; those of others are computed from it. Level 0, the leaf hashes, it always
   * has, and without this nothing else: then a proof reads them all. A store of every eighth level has tiles as in C2SP
   * tlog-tiles, and reads at most 255 nodes for each step of a proof.
   */
  readonly hasLevel?: (level: number) => boolean;
}

/** Leaves from `start` up to, but without, `end`. */
type Range = readonly [start: number, end: number];

/**
 * RFC 6962 §2.1.1: the hashes that lead from a leaf to the root, the sibling of the leaf first.
 * @param index of the leaf, from 0
 * @param size of the tree; at most what the store has
 * @throws {RangeError} for a leaf that is not in the tree
 */
export function inclusionProof(index: number, size: number, source: ProofSource): Promise<Buffer[]> {
  return inclusionProofs([index], size, source).then(([proof]) => proof as Buffer[]);
}

/**
 * `inclusionProof` of each of these leaves. The store is asked once, and once only for what several of them need.
 * @throws {RangeError} for a leaf that is not in the tree
 */
export function inclusionProofs(indexes: readonly number[], size: number, source: ProofSource): Promise<Buffer[][]> {
  assertSize(size);
  const ways = indexes.map((index) => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size)
      throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`);
    return inclusionRanges(index, size);
  });
  return hashWays(ways, source);
}

async function hashWays(ways: readonly Range[][], source: ProofSource): Promise<Buffer[][]> {
  // Ways meet on their way up.
  const distinct = new Map(ways.flat().map((range) => [range.join(), range]));
  const hashes = await hashRanges([...distinct.values()], source);
  const hashOf = new Map([...distinct.keys()].map((key, at) => [key, hashes[at] as Buffer]));
  return ways.map((ranges) => ranges.map((range) => hashOf.get(range.join()) as Buffer));
}

/**
 * RFC 6962 §2.1.2: the hashes that show that a tree was made from a smaller one by nothing but more leaves. Empty where the
 * smaller one is empty, or no smaller.
 * @throws {RangeError} where the old size is the larger one
 */
export function consistencyProof(oldSize: number, size: number, source: ProofSource): Promise<Buffer[]> {
  assertSize(size);
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > size)
    throw new RangeError(`A tree of ${size} leaves never had ${oldSize}.`);
  return hashRanges(oldSize === 0 ? [] : consistencyRanges(oldSize, size), source);
}

/** The tree as it was when it had `size` leaves, out of a store that may have more. */
export async function treeStateAt(size: number, source: ProofSource): Promise<TreeState> {
  assertSize(size);
  return TreeState.of(size, await hashRanges(subtreeRanges(size), source));
}

/**
 * Whether a leaf is in a tree (RFC 9162 §2.1.3.2).
 * @param proof as `inclusionProof` gives it. Anything that does not fit, of whatever length, is just not true.
 */
export function verifyInclusion(
  leaf: { readonly hash: Uint8Array; readonly index: number },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(leaf.index) || !isCount(tree.size) || leaf.index >= tree.size) return false;
  if (![leaf.hash, tree.root, ...proof].every(isHash)) return false;
  let place = { index: leaf.index, last: tree.size - 1 };
  let hash = leaf.hash;
  for (const sibling of proof) {
    if (place.last === 0) return false;
    const isRight = place.index % 2 === 1 || place.index === place.last;
    hash = isRight ? hashChildren(sibling, hash) : hashChildren(hash, sibling);
    place = parentOf(isRight ? skipLonely(place) : place);
  }
  return place.last === 0 && equal(hash, tree.root);
}

/**
 * Whether a tree was made from a smaller one by nothing but more leaves (RFC 9162 §2.1.4.2).
 * @param proof as `consistencyProof` gives it. Anything that does not fit is just not true.
 */
export function verifyConsistency(
  old: { readonly size: number; readonly root: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(old.size) || !isCount(tree.size) || old.size > tree.size) return false;
  if (![old.root, tree.root, ...proof].every(isHash)) return false;
  if (old.size === 0) return proof.length === 0;
  if (old.size === tree.size) return proof.length === 0 && equal(old.root, tree.root);
  let place = { index: old.size - 1, last: tree.size - 1 };
  while (place.index % 2 === 1) place = parentOf(place);
  // A complete tree is the first node of the proof itself.
  const [first, ...rest] = place.index === 0 ? [old.root, ...proof] : proof;
  if (!first) return false;
  let oldHash = first;
  let hash = first;
  for (const node of rest) {
    if (place.last === 0) return false;
    const isRight = place.index % 2 === 1 || place.index === place.last;
    if (isRight) oldHash = hashChildren(node, oldHash);
    hash = isRight ? hashChildren(node, hash) : hashChildren(hash, node);
    place = parentOf(isRight ? skipLonely(place) : place);
  }
  return place.last === 0 && equal(oldHash, old.root) && equal(hash, tree.root);
}

interface Place {
  readonly index: number;
  /** The last index of this level. */
  readonly last: number;
}

const parentOf = ({ index, last }: Place): Place => ({ index: Math.floor(index / 2), last: Math.floor(last / 2) });

/** Levels on which a node at the right edge has no sibling, and so goes up as it is. */
function skipLonely(place: Place): Place {
  let at = place;
  while (at.index % 2 === 0 && at.index !== 0) at = parentOf(at);
  return at;
}

function inclusionRanges(index: number, size: number): Range[] {
  const siblings: Range[] = [];
  let [start, end]: Range = [0, size];
  while (end - start > 1) {
    const middle = middleOf([start, end]);
    siblings.push(index < middle ? [middle, end] : [start, middle]);
    [start, end] = index < middle ? [start, middle] : [middle, end];
  }
  return siblings.toReversed();
}

function consistencyRanges(oldSize: number, size: number): Range[] {
  const found: Range[] = [];
  let [start, end]: Range = [0, size];
  while (oldSize !== end) {
    const middle = middleOf([start, end]);
    found.push(oldSize <= middle ? [middle, end] : [start, middle]);
    [start, end] = oldSize <= middle ? [start, middle] : [middle, end];
  }
  // What the old tree is as a whole, the reader has as its root.
  if (start > 0) found.push([start, end]);
  return found.toReversed();
}

function subtreeRanges(size: number): Range[] {
  const found: Range[] = [];
  let at = 0;
  while (at < size) {
    let width = 1;
    while (width * 2 <= size - at) width *= 2;
    found.push([at, at + width]);
    at += width;
  }
  return found;
}

/** Where RFC 6962 §2.1 parts a range of at least two leaves: the left one is the largest power of two below the whole. */
function middleOf([start, end]: Range): number {
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  return start + width;
}

async function hashRanges(ranges: readonly Range[], { read, hasLevel = () => false }: ProofSource): Promise<Buffer[]> {
  const isStored = (level: number) => level === 0 || hasLevel(level);
  // Ranges may lie in one another: each node once.
  const nodes = new Map<string, NodeAddress>();
  for (const range of ranges) collectNodes(range, isStored, nodes);
  const hashes = nodes.size === 0 ? [] : await read([...nodes.values()]);
  if (hashes.length !== nodes.size || !hashes.every(isHash))
    throw new TypeError(`The store was asked for ${nodes.size} hashes of ${hashBytes} bytes and gave something else.`);
  const given = new Map([...nodes.keys()].map((name, at) => [name, hashes[at] as Uint8Array]));
  return ranges.map((range) => Buffer.from(foldNodes(range, isStored, given)));
}

/** The node that is just this range, where there is one that is stored. */
function nodeOf([start, end]: Range, isStored: (level: number) => boolean): NodeAddress | undefined {
  const width = end - start;
  let level = 0;
  for (let rest = width; rest % 2 === 0; rest /= 2) level += 1;
  return width === 2 ** level && isStored(level) ? { level, index: start / width } : undefined;
}

const nameOf = ({ level, index }: NodeAddress) => `${level} ${index}`;

function collectNodes(range: Range, isStored: (level: number) => boolean, into: Map<string, NodeAddress>): void {
  const node = nodeOf(range, isStored);
  if (node) return void into.set(nameOf(node), node);
  const [start, end] = range;
  const middle = middleOf(range);
  collectNodes([start, middle], isStored, into);
  collectNodes([middle, end], isStored, into);
}

function foldNodes(
  range: Range,
  isStored: (level: number) => boolean,
  given: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const node = nodeOf(range, isStored);
  if (node) return given.get(nameOf(node)) as Uint8Array;
  const [start, end] = range;
  const middle = middleOf(range);
  const left = foldNodes([start, middle], isStored, given);
  return hashChildren(left, foldNodes([middle, end], isStored, given));
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

function assertSize(size: number): void {
  if (!isCount(size)) throw new RangeError('A size is a whole number from 0 on.');
}
