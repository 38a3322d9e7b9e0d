import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyRoot,
  encodeEvent,
  ExportVerification,
  formatEntry,
  formatStart,
  hashLeaf,
  parseLine,
  TreeState,
  type ExportOptions,
  type LogEntry,
  type SealedEvent,
  type TreeHead,
} from './index.js';

const tenantId = 'tnt_1';
const origin = `2fa.example.com/audit/${tenantId}`;

function eventNumber(n: number, tenant = tenantId): SealedEvent {
  return {
    id: `evt_${n}`,
    tenantId: tenant,
    tx: String(1000 + n),
    type: 'challenge.approved',
    time: `2026-11-22T10:00:00.${String(n).padStart(6, '0')}Z`,
    accountId: 'account-7',
    userId: 'user-9',
    userRef: 'usr_9',
    requestId: n % 2 ? `req_${n}` : null,
    data: { challengeId: `chl_${n}`, amr: ['otp', 'mfa'], n },
    personal: n % 3 ? Buffer.from(`sealed ${n}`).toString('base64') : null,
  };
}

const entryOf = (event: SealedEvent, index: number): LogEntry => ({
  index,
  leafHash: hashLeaf(encodeEvent(event)),
  event,
});
/** A log that is whole in itself. */
const logOf = (length: number) => Array.from({ length }, (_, n) => entryOf(eventNumber(n), n));
const stateOf = (entries: readonly LogEntry[]) => {
  const state = TreeState.empty();
  for (const { leafHash } of entries) state.append(leafHash);
  return state;
};
const headOf = (entries: readonly LogEntry[], size = entries.length): TreeHead => ({
  origin,
  size,
  root: stateOf(entries.slice(0, size)).root(),
});
const linesOf = (entries: readonly LogEntry[]) => entries.map(formatEntry);

function verify(lines: readonly string[], heads: readonly TreeHead[] = [], options: ExportOptions = {}) {
  const verification = new ExportVerification(options);
  for (const head of heads) verification.expect(head);
  for (const line of lines) if (verification.add(line)) break;
  return verification.finish();
}
const bad = (reason: string, index: number, lastIndex?: number) => ({
  ok: false,
  fault: { reason, index, ...(lastIndex !== undefined && { lastIndex }) },
});
/** A log's length and a place in it. */
const place = fc
  .integer({ min: 2, max: 30 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 0, max: length - 1 })));

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

describe('an export', () => {
  test('that is whole is good, as far as checkpoints vouch for it', () => {
    fc.assert(
      fc.property(place, fc.array(fc.nat(30)), ([length], sizes) => {
        const entries = logOf(length);
        const wanted = sizes.filter((size) => size <= length);
        const heads = wanted.map((size) => headOf(entries, size));
        expect(verify(linesOf(entries), heads)).toEqual({
          ok: true,
          tenantId,
          origin: heads.length > 0 ? origin : undefined,
          start: 0,
          size: length,
          root: stateOf(entries).root(),
          pruned: 0,
          checkpoints: { compared: new Set(wanted).size, before: 0, beyond: 0 },
          vouchedFor: Math.max(0, ...wanted),
        });
      }),
    );
  });

  test('of nothing is good, and tells nothing', () => {
    const nothing = { ok: true, tenantId: undefined, origin: undefined, size: 0, root: emptyRoot(), vouchedFor: 0 };
    expect(verify([])).toMatchObject(nothing);
    expect(verify([], [headOf([])])).toMatchObject({ ok: true, tenantId, origin, checkpoints: { compared: 1 } });
    const wrong = { origin, size: 0, root: Buffer.alloc(32) };
    expect(verify([], [wrong])).toEqual(bad('tree_differs', 0));
    expect(verify(linesOf(logOf(2)), [wrong])).toEqual(bad('tree_differs', 0));
  });

  test('names an event that was changed, whatever in it', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], which) => {
        const entries = logOf(length);
        const names = Object.keys(eventNumber(0)) as (keyof SealedEvent)[];
        const name = names[which % names.length] ?? 'id';
        const changed = {
          ...eventNumber(at),
          [name]: name === 'data' ? {} : name === 'time' ? '2026-11-22T10:00:00.999999Z' : 'else',
        };
        const lines = linesOf(entries).with(
          at,
          formatEntry({ index: at, leafHash: entries[at]?.leafHash ?? Buffer.alloc(32), event: changed }),
        );
        expect(verify(lines)).toEqual(bad('event_changed', at));
      }),
    );
  });

  test('names the first entry that is missing, repeated or moved', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const lines = linesOf(logOf(length));
        const removed = lines.toSpliced(at, 1);
        expect(verify(removed)).toMatchObject(at < length - 1 ? bad('entries_missing', at) : { ok: true });
        expect(verify(removed, [headOf(logOf(length))])).toMatchObject(
          at < length - 1 ? bad('entries_missing', at) : bad('tail_cut', at),
        );
        expect(verify(lines.toSpliced(at, 0, lines[at] ?? ''))).toEqual(bad('entry_out_of_order', at + 1));
        if (at > 0) {
          const swapped = lines.with(at, lines[at - 1] ?? '').with(at - 1, lines[at] ?? '');
          expect(verify(swapped)).toEqual(bad('entries_missing', at - 1));
        }
      }),
    );
    expect(verify(linesOf(logOf(9)).toSpliced(3, 4))).toEqual(bad('entries_missing', 3, 6));
  });

  test('names the entries among which one was rewritten, leaf hash and all', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], more) => {
        const entries = logOf(length);
        const rewritten = entries.with(at, entryOf({ ...eventNumber(at), type: 'challenge.rejected' }, at));
        // Whole in itself.
        expect(verify(linesOf(rewritten))).toMatchObject({ ok: true });
        const seen = at + 1 + (more % (length - at));
        const heads = [headOf(entries, at), headOf(entries, seen), headOf(entries, length)];
        expect(verify(linesOf(rewritten), heads)).toEqual(
          seen - at > 1 ? bad('tree_differs', at, seen - 1) : bad('tree_differs', at),
        );
      }),
    );
  });

  test('names a cut tail, also of a whole log', () => {
    const entries = logOf(8);
    expect(verify(linesOf(entries.slice(0, 5)), [headOf(entries, 4), headOf(entries)])).toEqual(bad('tail_cut', 5, 7));
    expect(verify([], [headOf(entries)])).toEqual(bad('tail_cut', 0, 7));
    const partial = verify(linesOf(entries.slice(0, 5)), [headOf(entries, 4), headOf(entries)], { isPartial: true });
    expect(partial).toMatchObject({ ok: true, vouchedFor: 4, checkpoints: { compared: 1, before: 0, beyond: 1 } });
  });

  test('names checkpoints that cannot both be true', () => {
    const entries = logOf(4);
    const other = { ...headOf(entries), root: Buffer.alloc(32) };
    expect(verify(linesOf(entries), [headOf(entries), headOf(entries), other])).toEqual(
      bad('checkpoints_contradict', 0, 3),
    );
    const elsewhere = { ...headOf(entries), origin: '2fa.example.com/audit/tnt_2' };
    expect(verify(linesOf(entries), [headOf(entries), elsewhere])).toEqual(bad('other_log', 0));
    const verification = new ExportVerification();
    expect(verification.expect(headOf(entries))).toBeUndefined();
    expect(verification.expect(other)).toMatchObject({ reason: 'checkpoints_contradict' });
    verification.add(formatEntry(entries[0] ?? never()));
    expect(() => verification.expect(headOf(entries))).toThrow(new TypeError('The export has begun.'));
  });

  test("names another tenant's event, whoever says which tenant it is", () => {
    const entries = [entryOf(eventNumber(0), 0), entryOf(eventNumber(1, 'tnt_2'), 1)];
    expect(verify(linesOf(entries))).toEqual(bad('other_tenant', 1));
    expect(verify(linesOf(entries), [headOf(entries)])).toEqual(bad('other_tenant', 1));
    const theirs = [entryOf(eventNumber(0, 'tnt_2'), 0)];
    expect(verify(linesOf(theirs), [headOf(theirs)])).toEqual(bad('other_tenant', 0));
    expect(verify(linesOf(logOf(1)), [], { tenantId: 'tnt_2' })).toEqual(bad('other_tenant', 0));
    // The log of a program that names its logs otherwise.
    const foreign = { ...headOf(logOf(2)), origin: 'log.example' };
    expect(verify(linesOf(logOf(2)), [foreign])).toMatchObject({ ok: true, tenantId });
  });

  test('may have lost events to pruning, which their leaf hashes stand for', () => {
    const entries = logOf(6);
    const pruned = entries.map((entry, index) => (index < 4 ? { ...entry, event: undefined } : entry));
    expect(verify(linesOf(pruned), [headOf(entries)])).toMatchObject({ ok: true, pruned: 4, vouchedFor: 6, tenantId });
    const wrong = pruned.with(1, { index: 1, leafHash: Buffer.alloc(32), event: undefined });
    expect(verify(linesOf(wrong), [headOf(entries)])).toEqual(bad('tree_differs', 0, 5));
  });

  test('may begin in the middle, where a tree says what comes before', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const entries = logOf(length);
        const lines = [formatStart(stateOf(entries.slice(0, at))), ...linesOf(entries.slice(at))];
        const heads = [1, at, length].map((size) => headOf(entries, size));
        const before = at > 1 ? 1 : 0;
        expect(verify(lines, heads)).toMatchObject({
          ok: true,
          start: at,
          size: length,
          vouchedFor: length,
          checkpoints: { before, compared: new Set([1, at, length]).size - before },
        });
        expect(verify(lines.slice(1), heads)).toMatchObject(at === 0 ? { ok: true } : bad('entries_missing', 0));
        // Its own word does not suffice.
        const hashes = stateOf(entries.slice(0, at)).hashes;
        if (at > 0 && at < length) {
          const lied = TreeState.of(at, hashes.with(0, Buffer.alloc(32)));
          expect(verify([formatStart(lied), ...lines.slice(1)], [headOf(entries)])).toMatchObject(
            bad('tree_differs', 0),
          );
          expect(verify([formatStart(lied)], [headOf(entries, at)])).toMatchObject(bad('tree_differs', 0));
        }
      }),
    );
    const lines = linesOf(logOf(3));
    const start = formatStart(stateOf(logOf(1)));
    expect(verify([lines[0] ?? '', start])).toEqual(bad('start_misplaced', 1));
    expect(verify([start, start])).toEqual(bad('start_misplaced', 1));
  });

  test('names a line that is none, and says the first fault only, however much follows', () => {
    const lines = linesOf(logOf(4));
    const verification = new ExportVerification();
    expect(verification.add(lines[0] ?? '')).toBeUndefined();
    const fault = { reason: 'line_malformed', index: 1, detail: 'It is no JSON.' };
    expect(verification.add('{')).toEqual(fault);
    expect(verification.add(lines[3] ?? '')).toEqual(fault);
    expect(verification.finish()).toEqual({ ok: false, fault });
  });
});

function never(): never {
  throw new Error('No such entry.');
}
