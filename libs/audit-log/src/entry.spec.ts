import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entryOf, eventNumber, logOf, stateOf } from '../../../test/support/plain-log.js';
import { encodeEvent, formatEntry, formatStart, parseLine, TreeState, type SealedEvent } from './index.js';

/** What is refused as no such thing. */
const malformed = (what: string) => expect.objectContaining({ name: 'MalformedError', what });

describe('the encoding of an event', () => {
  test('is this text, for ever: another one would fit no log there is', () => {
    expect(encodeEvent(eventNumber(1))).toBe(
      '{"accountId":"account-7","data":{"amr":["otp","mfa"],"challengeId":"chl_1","n":1},"id":"evt_1",' +
        '"personal":"c2VhbGVkIDE=","requestId":"req_1","tenantId":"tnt_1","time":"2026-11-22T10:00:00.000001Z",' +
        '"tx":"1001","type":"challenge.approved","userId":"user-9","userRef":"usr_9"}',
    );
  });

  const texts = ['id', 'tenantId', 'tx', 'type', 'time'] as const;
  const optional = ['accountId', 'userId', 'userRef', 'requestId', 'personal'] as const;
  // An operator reads these words where an event is set aside.
  test.each<[string, object, RegExp]>([
    ...[...texts, ...optional].flatMap((name): [string, object, RegExp][] => [
      [`a number as ${name}`, { [name]: 5 }, new RegExp(`'s ${name} is`)],
      [`no ${name}`, { [name]: undefined }, new RegExp(`'s ${name} is`)],
    ]),
    ...texts.map((name): [string, object, RegExp] => [`null as ${name}`, { [name]: null }, /is not a text/]),
    ['a list as data', { data: [] }, /data is no object/],
    ['null as data', { data: null }, /data is no object/],
    ['a date as data', { data: new Date(0) }, /data is no object/],
    ['milliseconds', { time: '2026-11-22T10:00:00.000Z' }, /six decimals/],
    ['another zone', { time: '2026-11-22T10:00:00.000000+01:00' }, /six decimals/],
    ['words after the time', { time: '2026-11-22T10:00:00.000000Z\n' }, /six decimals/],
    ['words before the time', { time: ' 2026-11-22T10:00:00.000000Z' }, /six decimals/],
    ['a number that JSON has not', { data: { n: Infinity } }, /no infinity/],
    ['half a character', { userId: '\ud800' }, /well-formed/],
    ['a member more', { note: 'not hashed' }, /members that the log does not know/],
  ])('refuses what it would not hash: %s', (_, change, words) => {
    expect(() => encodeEvent({ ...eventNumber(1), ...change } as SealedEvent)).toThrow(TypeError);
    expect(() => encodeEvent({ ...eventNumber(1), ...change } as SealedEvent)).toThrow(words);
  });

  test('refuses what is no object', () => {
    for (const value of [null, [], 'event', new Date(0)])
      expect(() => encodeEvent(value as unknown as SealedEvent)).toThrow(new TypeError('The event is no object.'));
  });

  test.each(optional)('takes null as %s, which is another event', (name) => {
    expect(encodeEvent({ ...eventNumber(1), [name]: null })).not.toEqual(encodeEvent(eventNumber(1)));
  });
});

describe('a line of an export', () => {
  const [first] = logOf(1);
  if (!first) throw new Error('No entry.');
  const line = formatEntry(first);

  test('is this text, for ever', () => {
    expect(line).toBe(
      `{"event":${encodeEvent(eventNumber(0))},"index":0,"leafHash":"${Buffer.from(first.leafHash).toString('base64')}"}`,
    );
    expect(formatEntry({ ...first, event: undefined })).toBe(
      `{"index":0,"leafHash":"${Buffer.from(first.leafHash).toString('base64')}"}`,
    );
    expect(formatStart(TreeState.empty())).toBe('{"hashes":[],"size":0}');
    const state = stateOf(logOf(3));
    expect(formatStart(state)).toBe(
      `{"hashes":["${state.hashes[0]?.toString('base64')}","${state.hashes[1]?.toString('base64')}"],"size":3}`,
    );
  });

  test('is read as it was written', () => {
    expect(parseLine(line)).toEqual({ ...first, leafHashFits: true });
    expect(parseLine(formatEntry({ ...first, event: undefined }))).toEqual({
      index: 0,
      leafHash: first.leafHash,
      leafHashFits: true,
    });
    const odd = { ...eventNumber(1), data: { 'ü"\\ud800': ['\\ud800', 'ud', { '\u20ac': 1e21, '': -0.5 }], '10': 0 } };
    expect(parseLine(formatEntry(entryOf(odd, 7)))).toEqual({ ...entryOf(odd, 7), leafHashFits: true });
    const start = parseLine(formatStart(stateOf(logOf(5))));
    expect('start' in start && start.start.toBytes()).toEqual(stateOf(logOf(5)).toBytes());
  });

  test('is read whatever is in the data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const plain = JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
        const entry = entryOf({ ...eventNumber(1), data: plain }, 3);
        expect(parseLine(formatEntry(entry))).toMatchObject({ index: 3, leafHashFits: true });
      }),
    );
  });

  const spelling = 'not in the one spelling';
  test.each([
    ['nothing', '', 'no JSON'],
    ['no JSON', 'entry', 'no JSON'],
    ['half a line', line.slice(0, 100), 'no JSON'],
    ['a list', '[]', 'no JSON object'],
    ['null', 'null', 'no JSON object'],
    ['a space', line.replace(':', ': '), spelling],
    ['a space at the end', `${line} `, spelling],
    ['a carriage return', `${line}\r`, spelling],
    ['another order', line.replace('"n":0', '"a":0'), spelling],
    ['another order of the line', `{"leafHash":"${'A'.repeat(43)}=","index":0}`, spelling],
    ['a member twice', line.replace('"index":0', '"index":1,"index":0'), spelling],
    ['a member of the event twice', line.replace('"id":"evt_0"', '"id":"evt_1","id":"evt_0"'), spelling],
    ['a letter escaped', line.replace('evt_0', String.raw`\u0065vt_0`), spelling],
    ['half a character', line.replace('evt_0', String.raw`\ud800`), spelling],
    ['half a character as a name', line.replace('"n":0', String.raw`"n\udfff":0`), spelling],
    ['half a character in a list', line.replace('"otp"', String.raw`"\udfff"`), spelling],
    ['a number in another form', line.replace('"n":0', '"n":0.0'), spelling],
    ['minus zero', line.replace('"n":0', '"n":-0'), spelling],
    ['a number beyond JSON', line.replace('"n":0', '"n":1e999'), spelling],
    ['too many digits', line.replace('"n":0', '"n":12345678901234567890'), spelling],
    ['a list in a list', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, ''],
    [
      'an event in an event',
      line.replace('"n":0', `"n":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      'nested too deep',
    ],
    ['no index', line.replace('"index":0,', ''), 'members'],
    ['no leaf hash', `${line.split(',"leafHash"')[0]}}`, 'members'],
    ['another member', line.replace(/\}$/, ',"more":1}'), 'members'],
    ['a negative index', line.replace('"index":0', '"index":-1'), 'index is no whole number'],
    ['half an index', line.replace('"index":0', '"index":0.5'), 'index is no whole number'],
    ['an index as text', line.replace('"index":0', '"index":"0"'), 'index is no whole number'],
    ['an index too large', line.replace('"index":0', '"index":9007199254740992'), 'index is no whole number'],
    ['a short leaf hash', line.replace(/"leafHash":"..../, '"leafHash":"'), 'leafHash is no base 64'],
    ['a leaf hash in base64url', line.replace(/"leafHash":"..../, '"leafHash":"__--'), 'leafHash is no base 64'],
    ['a number as leaf hash', line.replace(/"leafHash":.*/, '"leafHash":5}'), 'leafHash is no base 64'],
    ['an event that is none', line.replace(/"event":.*,"index"/, '"event":{},"index"'), 'is not a text'],
    ['null as event', line.replace(/"event":.*,"index"/, '"event":null,"index"'), 'no object'],
    ['an event with another member', line.replace(',"id"', ',"extra":1,"id"'), 'members that the log does not know'],
    ['a start without its hashes', '{"hashes":[],"size":3}', 'has 2 hashes'],
    ['a start with something else', '{"hashes":["AA==",5],"size":3}', 'has 2 hashes'],
    ['a start with an object', '{"hashes":{},"size":3}', 'has 2 hashes'],
    ['a start without a size', '{"hashes":[],"size":"0"}', 'size is a whole number'],
    ['a start in another spelling', '{"size":0,"hashes":[]}', spelling],
  ])('is refused: %s', (_, text, words) => {
    expect(() => parseLine(text)).toThrow(
      malformed(text.startsWith('{"hashes"') && words !== spelling ? 'tree state' : 'entry'),
    );
    expect(() => parseLine(text)).toThrow(words);
  });

  test('tells where the leaf hash is not that of the event', () => {
    expect(parseLine(line.replace('evt_0', 'evt_1'))).toMatchObject({ leafHashFits: false });
    expect(parseLine(formatEntry({ ...first, leafHash: Buffer.alloc(32) }))).toMatchObject({ leafHashFits: false });
  });
});
