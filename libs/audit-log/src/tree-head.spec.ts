import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  formatNote,
  formatTreeHead,
  hashLeaf,
  logOrigin,
  parseTreeHead,
  signCheckpoint,
  signingKey,
  signNote,
  tenantOfOrigin,
} from './index.js';

const { privateKey } = generateKeyPairSync('ed25519');
const keyOf = (name: string) => signingKey(name, 'ed25519', privateKey);
const origin = 'example.com/log';
const head = { origin, size: 20852163, root: hashLeaf('root') };
const text = formatTreeHead(head);
const seconds = 1_679_315_147;

/** What is refused as no such thing. */
const malformed = (what: string) => expect.objectContaining({ name: 'MalformedError', what });

describe('the head of a tree', () => {
  test('is three lines', () => {
    expect(text).toBe(`${origin}\n20852163\n${head.root.toString('base64')}\n`);
    expect(parseTreeHead(text)).toEqual(head);
    expect(parseTreeHead(`${text}more\nand more\n`)).toEqual(head);
    expect(parseTreeHead(text.replace('20852163', '0')).size).toBe(0);
    expect(parseTreeHead(text.replace('20852163', '9007199254740991')).size).toBe(2 ** 53 - 1);
  });

  const root = head.root.toString('base64');
  test.each([
    ['', 'three lines'],
    [text.slice(0, -1), 'three lines'],
    [`${origin}\n1\n`, 'three lines'],
    [`\n1\n${root}\n`, 'three lines'],
    [`${text}\n`, 'three lines'],
    [`${text}\nmore\n`, 'three lines'],
    ...['', '-1', '+1', '01', '1.0', '1e3', ' 1', '1 ', '0x1', '９', '9007199254740992', '99999999999999999'].map(
      (size) => [`${origin}\n${size}\n${root}\n`, size === '' ? 'three lines' : 'size is no whole number'],
    ),
    [`${origin}\n1\n${root.slice(0, -1)}\n`, 'root is no base 64 of 32 bytes'],
    [`${origin}\n1\n${Buffer.alloc(31).toString('base64')}\n`, 'root is no base 64 of 32 bytes'],
    [`${origin}\n1\n${Buffer.alloc(33).toString('base64')}\n`, 'root is no base 64 of 32 bytes'],
  ])('is refused: %j', (bad = '', words = '') => {
    expect(() => parseTreeHead(bad)).toThrow(malformed('checkpoint'));
    expect(() => parseTreeHead(bad)).toThrow(words);
  });

  test('is not written where it would be another one', () => {
    for (const bad of ['', 'a\nb', 'a\rb']) expect(() => formatTreeHead({ ...head, origin: bad })).toThrow(TypeError);
    for (const size of [-1, 1.5, 2 ** 53]) expect(() => formatTreeHead({ ...head, size })).toThrow(TypeError);
    expect(() => formatTreeHead({ ...head, root: Buffer.alloc(31) })).toThrow(TypeError);
  });

  test('is signed with keys of its log', () => {
    expect(() => signCheckpoint(head, [keyOf('else')], seconds)).toThrow(TypeError);
    expect(() => signCheckpoint(head, [], seconds)).toThrow(TypeError);
    expect(signCheckpoint(head, [keyOf(origin)], seconds)).toBe(formatNote(signNote(text, [keyOf(origin)], seconds)));
  });
});

describe('the origin of a log', () => {
  test('names installation and tenant', () => {
    for (const base of ['2fa.example.com/audit', 'localhost:3000', 'example', 'a.example/B/c_d~e'])
      expect(tenantOfOrigin(logOrigin(base, 'tnt_01'))).toBe('tnt_01');
    expect(logOrigin('2fa.example.com/audit', 'tnt_01')).toBe('2fa.example.com/audit/tnt_01');
    expect(tenantOfOrigin('example.com')).toBeUndefined();
    expect(tenantOfOrigin('a/b c')).toBeUndefined();
  });

  test.each([
    '',
    'https://a.example',
    'a.example/',
    'a b',
    'a+b',
    'A.example',
    'a.example//b',
    '/a',
    'a.example?x',
    'é.example',
    'a\nb',
    '.a',
  ])('is refused where other programs might mistake it: %j', (base) => {
    expect(() => logOrigin(base, 'tnt_1')).toThrow(TypeError);
  });

  test('is refused for a tenant that is none, and where it is too long', () => {
    for (const id of ['', 'a/b', 'a b', '..']) expect(() => logOrigin('a', id)).toThrow(TypeError);
    expect(() => logOrigin('a', 'x'.repeat(254))).toThrow(
      new TypeError('The origin of a log has at most 255 characters.'),
    );
    expect(logOrigin('a', 'x'.repeat(253))).toHaveLength(255);
  });
});
