import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './http-answers.js';

// The example of RFC 9110 §5.6.7, in its three forms.
const date = Date.UTC(1994, 10, 6, 8, 49, 37);
const forms = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'];
const dayMs = 24 * 3_600_000;

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    ['0120', 120_000],
    ['86400', dayMs],
    ['86401', dayMs],
    ['9'.repeat(400), dayMs],
  ])('of %s is %d ms', (header, ms) => {
    expect(retryAfterMs(header)).toBe(ms);
  });

  it.each(forms)('until %s ends then, and never lasts longer than a day', (header) => {
    expect(retryAfterMs(header, date - 50_000)).toBe(50_000);
    expect(retryAfterMs(header, date)).toBe(0);
    expect(retryAfterMs(header, date + 50_000)).toBe(0);
    expect(retryAfterMs(header, date - 2 * dayMs)).toBe(dayMs);
  });

  it.each([
    undefined,
    null,
    ['120'],
    120,
    '',
    'soon',
    '-5',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    ' 120',
    '120, 60',
    '١٢٠',
    '2099-01-01',
    '2099-01-01T00:00:00Z',
    'Sun, 06 Nov 2099 08:49:37',
    'Sun, 06 Nov 2099 08:49:37 CET',
    'Sun, 06 Xyz 2099 08:49:37 GMT',
  ])('that is %j asks for nothing', (header) => {
    expect(retryAfterMs(header, 0)).toBe(0);
  });
});
