import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  formatNote,
  formatTreeHead,
  formatVkey,
  hashLeaf,
  isReached,
  MalformedError,
  noWitness,
  openCheckpoint,
  parsePolicy,
  signCheckpoint,
  signingKey,
  signNote,
  UnverifiedError,
  witnessesOf,
  type SignatureType,
} from './index.js';

const keyOf = (name: string, type: SignatureType = 'cosignature/v1') =>
  signingKey(name, type, generateKeyPairSync('ed25519').privateKey);
const origin = 'a.example/tnt_1';
const log = keyOf(origin, 'ed25519');
const [w1, w2, w3] = [keyOf('w1.example'), keyOf('w2.example'), keyOf('w3.example')];
const head = { origin, size: 5, root: hashLeaf('root') };
const noteBy = (...keys: (typeof log)[]) => formatNote(signNote(formatTreeHead(head), keys, 1_700_000_000));
const twoOfThree = { threshold: 2, members: [w1, w2, w3] };

/** What is refused as no such thing. */
const malformed = (what: string) => expect.objectContaining({ name: 'MalformedError', what });

describe('a checkpoint', () => {
  test('is believed with a key of its log and enough witnesses', () => {
    expect(openCheckpoint(signCheckpoint(head, [log], 1), { logs: [log], quorum: noWitness })).toMatchObject({
      head,
      signatures: [{ key: log, seconds: null }],
      cosignatures: [],
    });
    const opened = openCheckpoint(Buffer.from(noteBy(log, w1, w3, keyOf('stranger'))), {
      logs: [log],
      quorum: twoOfThree,
    });
    expect(opened.cosignatures).toMatchObject([w1, w3].map((key) => ({ key, seconds: 1_700_000_000 })));
  });

  const stranger = keyOf(origin, 'ed25519');
  const itself = signingKey('w4.example', 'cosignature/v1', log.privateKey);
  const twin = signingKey('w5.example', 'cosignature/v1', w1.privateKey);
  const policy = { logs: [log], quorum: twoOfThree };
  test.each([
    ['another key of the same name', noteBy(stranger, w1, w2), policy, 'log_key_unknown'],
    ['witnesses alone', noteBy(w1, w2), policy, 'log_key_unknown'],
    ['one witness too few', noteBy(log, w1), policy, 'quorum_missed'],
    ['one witness twice', noteBy(log, w1, w1), policy, 'quorum_missed'],
    ['a key of another log', noteBy(w1, w2), { ...policy, logs: [w1, w2] }, 'log_key_unknown'],
    [
      'the log as its own witness',
      noteBy(log),
      { logs: [log], quorum: { threshold: 1, members: [log] } },
      'quorum_missed',
    ],
    [
      'the log as its own witness under another name',
      noteBy(log, itself),
      { logs: [log], quorum: { threshold: 1, members: [itself] } },
      'quorum_missed',
    ],
    [
      'one witness under two names',
      noteBy(log, w1, twin),
      { logs: [log], quorum: { threshold: 2, members: [w1, twin] } },
      'quorum_missed',
    ],
    ['no key at all', noteBy(log), { logs: [], quorum: noWitness }, 'log_key_unknown'],
    ['another size', noteBy(log, w1, w2).replace('\n5\n', '\n6\n'), policy, 'signature_wrong'],
    [
      'a signature of a witness that is wrong, beside enough others',
      noteBy(log, w1, w2) + noteBy(w3).replace('\n5\n', '\n6\n').split('\n\n')[1],
      { ...policy, quorum: { threshold: 2, members: [w1, w2, { ...w3, publicKey: w1.publicKey }] } },
      'signature_wrong',
    ],
  ])('is not believed with %s', (_, note, given, reason) => {
    let thrown: unknown;
    try {
      openCheckpoint(note, given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UnverifiedError);
    expect(thrown).toMatchObject({ reason });
  });

  test('is no checkpoint without its three lines, whoever signed', () => {
    const note = formatNote(signNote(`${origin}\n5\n`, [log], 1));
    expect(() => openCheckpoint(note, { logs: [log], quorum: noWitness })).toThrow(MalformedError);
  });
});

describe('a quorum', () => {
  test('counts witnesses and groups', () => {
    const nested = { threshold: 2, members: [twoOfThree, { threshold: 1, members: [keyOf('v1')] }, keyOf('u')] };
    const u = nested.members[2];
    expect(isReached(nested, new Set([w1, w2]))).toBe(false);
    expect(isReached(nested, new Set([w1, u as typeof w1]))).toBe(false);
    expect(isReached(nested, new Set([w1, w2, u as typeof w1]))).toBe(true);
    expect(isReached(noWitness, new Set())).toBe(true);
    expect(witnessesOf(nested)).toHaveLength(5);
  });
});

describe('a policy', () => {
  const example = `
# Who has to have seen it.
log ${formatVkey(log)} https://2fa.example.com/
\twitness X1 ${formatVkey(w1)}
witness X2   ${formatVkey(w2)} https://w2.example/
witness Y ${formatVkey(w3)}

group X any X1 X2
group all-of-them all X Y
quorum all-of-them
`;

  test('is read as C2SP tlog-policy writes it', () => {
    const { logs, quorum } = parsePolicy(Buffer.from(example));
    expect(logs.map(formatVkey)).toEqual([formatVkey(log)]);
    expect(witnessesOf(quorum).map(({ name }) => name)).toEqual(['w1.example', 'w2.example', 'w3.example']);
    expect(openCheckpoint(noteBy(log, w2, w3), { logs, quorum }).head).toEqual(head);
    for (const short of [noteBy(log, w1, w2), noteBy(log, w3)])
      expect(() => openCheckpoint(short, { logs, quorum })).toThrow(new UnverifiedError('quorum_missed'));
    const two = parsePolicy(example.replace('X any', 'X 2'));
    expect(() => openCheckpoint(noteBy(log, w2, w3), two)).toThrow(new UnverifiedError('quorum_missed'));
    expect(openCheckpoint(noteBy(log, w1, w2, w3), two).head).toEqual(head);
    expect(parsePolicy('quorum none')).toEqual({ logs: [], quorum: noWitness });
    expect(
      openCheckpoint(noteBy(log, w1), parsePolicy(example.replace('quorum all-of-them', 'quorum X1'))).head,
    ).toEqual(head);
  });

  test.each([
    ['no quorum', '', 'no line "quorum"'],
    ['two', 'quorum none\nquorum none', 'Line 2: It has two lines "quorum"'],
    ['an unknown line', 'quorum none\nfriend a', 'Line 2: It begins with none of'],
    ['an unknown name', 'quorum X1', 'Line 1: Nothing before this line has the name "X1"'],
    ['no name', 'quorum', 'too few or too many'],
    ['two names', 'quorum none none', 'too few or too many'],
    ['a log without key', 'log', 'too few or too many'],
    ['a log with too much', `log ${formatVkey(log)} a b`, 'too few or too many'],
    ['a log with a bad key', 'log abc', 'Line 1: It is not written as name+id+key.'],
    ['a witness without key', 'witness X1', 'too few or too many'],
    ['a witness with too much', `witness X1 ${formatVkey(w1)} a b`, 'too few or too many'],
    ['a witness that signs no time', `witness A ${formatVkey(log)}`, 'A witness needs a key that signs the time'],
    ['a log twice', `log ${formatVkey(log)}\nlog ${formatVkey(log)}`, 'Line 2: There are two lines "log" of one key'],
    [
      'a witness under two names',
      `witness A ${formatVkey(w1)}\nwitness B ${formatVkey(signingKey('other', w1.type, w1.privateKey))}`,
      'Line 2: There are two lines "witness" of one key',
    ],
    ['a name twice', `witness A ${formatVkey(w1)}\nwitness A ${formatVkey(w2)}`, 'The name "A" is taken'],
    ['the name none', `witness none ${formatVkey(w1)}`, 'The name "none" is taken'],
    ['a group without members', `witness A ${formatVkey(w1)}\ngroup G any`, 'a name, a threshold and members'],
    ['a member twice', `witness A ${formatVkey(w1)}\ngroup G any A\ngroup H any A`, '"A" is in a group already'],
    ['none as a member', 'group G any none', 'has the name "none"'],
    ...['0', '2', '-1', '1.5', '01', 'some'].map((threshold) => [
      `a threshold of ${threshold}`,
      `witness A ${formatVkey(w1)}\ngroup G ${threshold} A`,
      'The threshold of a group',
    ]),
    ['no UTF-8', '\ud800', 'well-formed'],
  ])('is refused with %s', (_, text = '', words = '') => {
    expect(() => parsePolicy(text)).toThrow(malformed('policy'));
    expect(() => parsePolicy(text)).toThrow(words);
  });

  test('does not go on for ever', () => {
    expect(() => parsePolicy('#'.repeat(1024 * 1024 + 1))).toThrow('more than 1048576 bytes');
  });
});
