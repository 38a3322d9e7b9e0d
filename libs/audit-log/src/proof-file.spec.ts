import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  consistencyProof,
  formatProofFile,
  formatWitnessRequest,
  hashLeaf,
  inclusionProof,
  MalformedError,
  noWitness,
  openCheckpoint,
  parseProofFile,
  parseWitnessRequest,
  signCheckpoint,
  signingKey,
  TreeState,
  UnverifiedError,
  verifyConsistency,
  verifyProofFile,
} from './index.js';

const origin = 'a.example/tnt_1';
const log = signingKey(origin, 'ed25519', generateKeyPairSync('ed25519').privateKey);
const policy = { logs: [log], quorum: noWitness };
const leaves = Array.from({ length: 11 }, (_, n) => hashLeaf(`leaf ${n}`));
const source = {
  read: (nodes: readonly { index: number }[]) => nodes.map(({ index }) => leaves[index] ?? Buffer.alloc(0)),
};
const rootAt = (size: number) => {
  const state = TreeState.empty();
  for (const leaf of leaves.slice(0, size)) state.append(leaf);
  return state.root();
};
const checkpointAt = (size: number) => signCheckpoint({ origin, size, root: rootAt(size) }, [log], 1);
const proofOf = async (index: number, size = 11) => ({
  index,
  hashes: await inclusionProof(index, size, source),
  checkpoint: checkpointAt(size),
});
const leaf = (index: number) => leaves[index] ?? Buffer.alloc(32);

/** What is refused as no such thing. */
const malformed = (what: string) => expect.objectContaining({ name: 'MalformedError', what });

describe('a proof', () => {
  test('shows every entry of every tree, and no other', async () => {
    for (const size of [1, 2, 7, 11]) {
      for (let index = 0; index < size; index += 1) {
        const proof = parseProofFile(Buffer.from(formatProofFile(await proofOf(index, size))));
        expect(verifyProofFile(proof, leaf(index), policy).head.size).toBe(size);
        const refused = new UnverifiedError('inclusion_wrong');
        expect(() => verifyProofFile(proof, hashLeaf('else'), policy)).toThrow(refused);
        expect(() => verifyProofFile({ ...proof, index: index + 1 }, leaf(index), policy)).toThrow(refused);
        const checkpoint = checkpointAt(size - 1);
        expect(() => verifyProofFile({ ...proof, checkpoint }, leaf(index), policy)).toThrow(refused);
      }
    }
  });

  test('is nothing without a checkpoint that is believed', async () => {
    const proof = await proofOf(3);
    const other = signingKey(origin, 'ed25519', generateKeyPairSync('ed25519').privateKey);
    expect(() => verifyProofFile(proof, leaf(3), { ...policy, logs: [other] })).toThrow(
      new UnverifiedError('log_key_unknown'),
    );
    const cut = { ...proof, checkpoint: proof.checkpoint.slice(0, -1) };
    expect(() => verifyProofFile(cut, leaf(3), policy)).toThrow(MalformedError);
  });

  test('is this text', async () => {
    const { hashes, checkpoint } = await proofOf(3, 4);
    const lines = hashes.map((hash) => hash.toString('base64')).join('\n');
    expect(formatProofFile({ index: 3, hashes, checkpoint })).toBe(
      `c2sp.org/tlog-proof@v1\nindex 3\n${lines}\n\n${checkpoint}`,
    );
    const extra = Buffer.from('any \0 bytes');
    const text = formatProofFile({ index: 3, hashes, checkpoint, extra });
    expect(text).toBe(`c2sp.org/tlog-proof@v1\nextra ${extra.toString('base64')}\nindex 3\n${lines}\n\n${checkpoint}`);
    expect(parseProofFile(text)).toEqual({ index: 3, hashes, checkpoint, extra });
    expect(parseProofFile(formatProofFile({ ...(await proofOf(0, 1)), extra: Buffer.alloc(0) })).extra).toEqual(
      Buffer.alloc(0),
    );
  });

  const good = 'c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n\nnote';
  const hash = Buffer.alloc(32).toString('base64');
  test.each([
    ['nothing', '', 'no empty line'],
    ['no checkpoint', good.split('\n\n')[0] ?? '', 'no empty line'],
    ['another version', good.replace('v1', 'v2'), 'first line is not'],
    ['a space before', ` ${good}`, 'first line is not'],
    ['no index', good.replace('index 0\n', ''), 'no line "index"'],
    ['Windows line ends', good.replaceAll('\n', '\r\n'), 'no empty line'],
    ['an index with zeros', good.replace('index 0', 'index 00'), 'no line "index"'],
    ['a negative index', good.replace('index 0', 'index -1'), 'no line "index"'],
    ['a huge index', good.replace('index 0', 'index 9007199254740992'), 'no line "index"'],
    ['an index in capitals', good.replace('index', 'INDEX'), 'no line "index"'],
    ['extra that is no base 64', good.replace('AA==', 'AA='), '"extra" is no base 64'],
    ['extra after the index', good.replace('extra AA==\nindex 0', 'index 0\nextra AA=='), 'no base 64 of 32 bytes'],
    ['a short hash', good.replace('index 0', 'index 0\nAAAA'), 'no base 64 of 32 bytes'],
    ['64 hashes', good.replace('index 0', `index 0${`\n${hash}`.repeat(64)}`), 'more than 63 hashes'],
    ['no end', `${good}${'x'.repeat(4 * 1024 * 1024)}`, 'more than 4194304 bytes'],
    ['no UTF-8', '\udc00', 'well-formed'],
  ])('is refused with %s', (_, text, words) => {
    expect(() => parseProofFile(text)).toThrow(malformed('proof'));
    expect(() => parseProofFile(text)).toThrow(words);
  });

  test('may have 63 hashes', () => {
    expect(parseProofFile(good.replace('index 0', `index 0${`\n${hash}`.repeat(63)}`)).hashes).toHaveLength(63);
  });
});

describe('what a log sends to a witness', () => {
  test('shows that the tree has grown, and is read as it was written', async () => {
    const hashes = await consistencyProof(5, 11, source);
    const text = formatWitnessRequest({ oldSize: 5, hashes, checkpoint: checkpointAt(11) });
    expect(text.split('\n').slice(0, 2)).toEqual(['old 5', hashes[0]?.toString('base64')]);
    const request = parseWitnessRequest(Buffer.from(text));
    expect(request).toEqual({ oldSize: 5, hashes, checkpoint: checkpointAt(11) });
    const { head } = openCheckpoint(request.checkpoint, policy);
    expect(verifyConsistency({ size: 5, root: rootAt(5) }, head, request.hashes)).toBe(true);
    expect(parseWitnessRequest(formatWitnessRequest({ oldSize: 0, hashes: [], checkpoint: 'note' }))).toEqual({
      oldSize: 0,
      hashes: [],
      checkpoint: 'note',
    });
  });

  test.each([
    ['nothing', '', 'no empty line'],
    ['no size', '\n\nnote', 'no line "old"'],
    ['no size but zeros', 'old 00\n\nnote', 'no line "old"'],
    ['a negative size', 'old -1\n\nnote', 'no line "old"'],
    ['half a hash', 'old 1\nAAAA\n\nnote', 'no base 64 of 32 bytes'],
    ['64 hashes', `old 1${`\n${Buffer.alloc(32).toString('base64')}`.repeat(64)}\n\nnote`, 'more than 63 hashes'],
  ])('is refused with %s', (_, text, words) => {
    expect(() => parseWitnessRequest(text)).toThrow(malformed('proof'));
    expect(() => parseWitnessRequest(text)).toThrow(words);
  });
});
