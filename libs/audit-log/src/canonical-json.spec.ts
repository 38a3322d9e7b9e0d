import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, isCanonicalJson, isPlainObject } from './canonical-json.js';

describe('canonical JSON', () => {
  test('writes the example of RFC 8785 §3.2.2 and §3.2.3', () => {
    const value: unknown = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts by UTF-16 code units, as RFC 8785 §3.2.3 shows', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name) => [name, 0]));
    expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toHaveLength(names.length);
    const order = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    expect(canonicalJson(value)).toBe(`{${order.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  });

  test('says the same for the same value, whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(wellFormed(value));
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(isCanonicalJson(text, JSON.parse(text))).toBe(true);
      }),
    );
  });

  test('goes no deeper than other programs, whatever stack there is', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(canonicalJson(nested(1001))).toHaveLength(2002);
    for (const levels of [1002, 5000]) expect(() => canonicalJson(nested(levels))).toThrow(TypeError);
  });

  test('is told from every other spelling', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const canonical = wellFormed(value) && canonicalJson(value) === text;
        expect(isCanonicalJson(text, JSON.parse(text))).toBe(canonical);
      }),
    );
    for (const text of ['{"":0,"0":1}', '{"10":0,"9":1}', String.raw`"\\ud800"`])
      expect(isCanonicalJson(text, JSON.parse(text))).toBe(true);
    for (const text of [
      '{"0":1,"":0}',
      '{"9":1,"10":0}',
      '{"a":0,"a":0}',
      String.raw`"\ud800"`,
      '[{"b":0,"a":0}]',
      '-0',
      '1e3',
    ])
      expect(isCanonicalJson(text, JSON.parse(text))).toBe(false);
  });

  test.each([
    [undefined, 'JSON has no undefined of this kind.'],
    [Number.NaN, 'JSON has no infinity and no NaN.'],
    [Infinity, 'JSON has no infinity and no NaN.'],
    ['\ud800', 'The text is not well-formed Unicode.'],
    [1n, 'JSON has no bigint of this kind.'],
    [new Date(0), 'JSON has no object of this kind.'],
    [{ a: undefined }, 'JSON has no undefined of this kind.'],
    [{ '\ud800': 1 }, 'The text is not well-formed Unicode.'],
  ])('refuses %p', (value, words) => {
    expect(() => canonicalJson(value)).toThrow(new TypeError(words));
  });

  test('takes for its objects what JSON.parse makes, also in another realm, and what has no prototype', () => {
    expect(isPlainObject({ a: 1 })).toBe(true);
    expect(isPlainObject(runInNewContext('JSON.parse(\'{"a":1}\')'))).toBe(true);
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    const bare = Object.setPrototypeOf(() => 1, null) as unknown;
    for (const value of [null, undefined, 'text', 1, [], new Date(0), bare]) expect(isPlainObject(value)).toBe(false);
  });
});

function wellFormed(value: unknown): boolean {
  return JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(value));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
