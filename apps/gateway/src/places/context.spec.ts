import { describe, expect, test } from '@jest/globals';
import { cleanIp, cleanUserAgent, loginContext } from './context.js';

describe('an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['192.0.2.7:51234', '192.0.2.7'],
    ['192.0.2.7:', '192.0.2.7'],
    ['192.0.2.7, 10.0.0.1', '192.0.2.7'],
    ['192.0.2.7:51234,10.0.0.1', '192.0.2.7'],
    ['unknown, 192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['for="[2001:db8::1]:443"', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::1', '::1'],
  ])('%s is %s', (text, ip) => expect(cleanIp(text)).toBe(ip));

  test.each([
    '',
    ' ',
    'unknown',
    '999.1.1.1',
    '192.0.2',
    '010.0.0.1',
    '0x7f.1',
    'localhost',
    '[',
    '[]',
    ':',
    '%',
    ',',
    null,
    undefined,
  ])('%s is none', (text) => expect(cleanIp(text)).toBeUndefined());
});

describe('a browser', () => {
  test.each([
    ['Mozilla/5.0 (X11)', 'Mozilla/5.0 (X11)'],
    ['Обозреватель', 'Обозреватель'],
    // The same in UTF-8, read as Latin-1: headers are bytes.
    [Buffer.from('Ок').toString('latin1'), 'Ð Ðº'],
    ['a\r\nb\0c\u2028d', 'a b c d'],
    ['a\ud800b', 'a\ufffdb'],
    [`${'x'.repeat(499)}🙂`, 'x'.repeat(499)],
    ['x'.repeat(10_000), 'x'.repeat(500)],
    ['', undefined],
    [' \u200b\t', undefined],
    [null, undefined],
  ])('%j is noted as %j', (text, noted) => expect(cleanUserAgent(text)).toBe(noted));
});

test('what is no text is left out', () => {
  expect(loginContext.parse({ ip: 1, userAgent: ['x'] })).toEqual({});
  expect(loginContext.parse({ ip: null, userAgent: '' })).toEqual({});
});
