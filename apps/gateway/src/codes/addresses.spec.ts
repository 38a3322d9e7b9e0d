import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, type Policy } from '#contracts';
import {
  assertCountryAllowed,
  countedAddress,
  emailInput,
  isCostlyNumber,
  phoneInput,
  destinationOf,
  rangesOf,
  toE164,
} from './addresses.js';

const policyWith = (phone: Partial<Policy['phone']>): Policy => ({
  ...defaultPolicy,
  phone: { ...defaultPolicy.phone, ...phone },
});

describe('a phone number', () => {
  test.each([
    ['\u202a+31 6 12345678\u202c'],
    ['\u200e+31612345678\u200f'],
    ['+31\u00ad612345678\ufeff'],
    ['\u2066+31\u20696\u200b12345678'],
    ['+31\ufe0f612345678'],
    ['+3️⃣1️⃣6️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣'],
    ['+३१६१२३४५६७८'],
    ['+٣١٦١٢٣٤٥٦٧٨'],
    ['+۳۱۶۱۲۳۴۵۶۷۸'],
    ['+๓๑๖๑๒๓๔๕๖๗๘'],
    ['𝟎𝟎𝟑𝟏𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖'],
    ['tel:+31612345678'],
    ['TEL: +31-6-1234-5678'],
    ['sms:+31612345678'],
    ['+31‑6‑12345678'],
    ['+31−6–12345678'],
    ['+31\u00a06\u202f12345678'],
    ['tel:612345678;phone-context=+31'],
    ['(+31) 6 12345678'],
    ['(0031) 612345678'],
    ['+31 (0)6 12345678'],
  ])('%s is taken for what it says', (text) => {
    expect(toE164(phoneInput.parse(text), defaultPolicy)).toBe('+31612345678');
  });

  test('digits of each script count as what they are', () => {
    // Ten in a row and then none: otherwise the place in the row says nothing.
    const points = Array.from({ length: 0x11_0000 }, (_, point) => point).filter(
      (point) => (point < 0xd800 || point > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(point)),
    );
    expect(points.length).toBeGreaterThan(600);
    for (const point of points) {
      const digit = String.fromCodePoint(point);
      const row = points.filter((other) => other <= point).length - 1;
      expect([digit, phoneInput.parse(`+${digit}12`)]).toEqual([digit, `+${row % 10}12`]);
    }
  });

  test.each([
    ['+316123456789'],
    ['+31612345678;ext=5'],
    ['tel:+31612345678;ext=5'],
    ['tel:612345678;phone-context=example.com'],
    // Ranges that nobody was given.
    ['+49700123456'],
    ['+18001646460'],
    ['+12015551'],
    ['+22507123456'],
    ['06 12345678'],
  ])('%s is none', (text) => {
    expect(() => toE164(phoneInput.parse(text), defaultPolicy)).toThrow(
      expect.objectContaining({ code: 'phone_invalid' }),
    );
  });

  test.each([
    ['NL', '0612345678', '+31612345678'],
    ['NL', '06-12 34 56 78', '+31612345678'],
    ['NL', '٠٦١٢٣٤٥٦٧٨', '+31612345678'],
    ['NL', '+32470123456', '+32470123456'],
    ['NL', '0032470123456', '+32470123456'],
    ['US', '(201) 555-0123', '+12015550123'],
    ['US', '011 31 6 12345678', '+31612345678'],
    ['IT', '02 12345678', '+390212345678'],
    ['AR', '011 15 2345 6789', '+5491123456789'],
    ['CZ', '601 123 456', '+420601123456'],
  ])('in %s, %s is %s', (defaultCountry, text, number) => {
    expect(toE164(phoneInput.parse(text), policyWith({ defaultCountry }))).toBe(number);
  });

  test.each(['112', '0612', '12345678901234', '061234567x'])('in NL, %s is none', (text) => {
    expect(() => toE164(text, policyWith({ defaultCountry: 'NL' }))).toThrow(
      expect.objectContaining({ code: 'phone_invalid' }),
    );
  });

  test.each([
    ['Argentina', ['+54 9 11 2345-6789', '+54 11 15 2345-6789', '+54 9 11 15 2345-6789', '+54 11 2345-6789']],
    ['Argentina, a longer area', ['+54 9 2966 423456', '+54 2966 15 423456', '+54 9 2966 15 423456']],
    ['Brazil', ['+55 11 97123-4567', '+55 11 7123-4567', '+55 (0)11 97123-4567']],
    ['Brazil, of another operator', ['+55 11 98123-4567', '+55 11 8123-4567']],
    ['Mexico', ['+52 55 1234 5678', '+52 1 55 1234 5678']],
  ])('is one phone in all its spellings: %s', (_, spellings) => {
    const numbers = spellings.map((text) => toE164(phoneInput.parse(text), defaultPolicy));
    expect(new Set(numbers.map(countedAddress)).size).toBe(1);
    expect(new Set(numbers.map((number) => rangesOf(number).prefix)).size).toBe(1);
  });

  test.each([
    ['+31612345678', 'NL', '+3161'],
    ['+12125550123', 'US', '+1212'],
    ['+16135550123', 'CA', '+1613'],
    ['+5491123456789', 'AR', '+549112'],
    ['+35699', 'MT', '+356'],
    ['+870773111632', null, '+87077'],
  ])('goes to a country, and is named by its first digits alone: %s', (number, country, prefix) => {
    expect(destinationOf(number)).toEqual({ country, prefix });
  });

  test('is another where only a part is the same', () => {
    const counted = ['+5491123456789', '+5491123456780', '+551132345678', '+5511932345678', '+31612345678'].map(
      countedAddress,
    );
    expect(new Set(counted).size).toBe(5);
  });

  test.each([
    ['+449098790000', true],
    ['+448449999999', true],
    ['+18005550199', true],
    ['+18885551234', true],
    ['+19005551234', true],
    ['+15005551234', true],
    ['+31612345678', false],
    ['+12015550123', false],
    ['+3197012345678', false],
    ['+390212345678', false],
  ])('%s costs whoever sends to it: %s', (number, costly) => expect(isCostlyNumber(number)).toBe(costly));

  test.each([
    ['+18005550199', ['DO']],
    ['+18005550199', ['US', 'CA']],
    ['+18885551234', ['US']],
    ['+19005551234', ['CA']],
    ['+15005551234', ['US', 'DO']],
    ['+12015550123', ['DO']],
    ['+31612345678', ['BE']],
  ])('%s is in none of %j', (number, allowedCountries) => {
    expect(() => assertCountryAllowed(number, policyWith({ allowedCountries }))).toThrow(
      expect.objectContaining({ code: 'country_not_allowed' }),
    );
  });

  test.each([
    ['+12015550123', ['US']],
    ['+18095551234', ['DO']],
    ['+31612345678', ['NL']],
    // Refused by the guard, which tells of it.
    ['+449098790000', ['NL']],
    ['+18005550199', ['*']],
  ])('%s may be asked for where %j are allowed', (number, allowedCountries) => {
    expect(() => assertCountryAllowed(number, policyWith({ allowedCountries }))).not.toThrow();
  });
});

describe('an e-mail address', () => {
  const of = (length: number) => 'x'.repeat(length);

  test.each([
    ['jane@example.xn--p1ai', 'jane@example.xn--p1ai'],
    ['jane@пример.рф', 'jane@xn--e1afmkfd.xn--p1ai'],
    ['jane@bücher.example', 'jane@xn--bcher-kva.example'],
    ['r&d@panel.example', 'r&d@panel.example'],
    ["o'neil+{tag}/=?^`|~%@panel.example", "o'neil+{tag}/=?^`|~%@panel.example"],
    ['a..b.@panel.example', 'a..b.@panel.example'],
    ['jane@1st-panel.co.uk', 'jane@1st-panel.co.uk'],
    ['Jane@Panel.Example', 'Jane@Panel.Example'],
    [' jane@panel.example\u200b\n', 'jane@panel.example'],
    [`${of(64)}@panel.example`, `${of(64)}@panel.example`],
    [`jane@${of(63)}.example`, `jane@${of(63)}.example`],
  ])('%j is kept as %j', (text, address) => expect(emailInput.parse(text)).toBe(address));

  test.each([
    `${of(65)}@panel.example`,
    `jane@${of(64)}.example`,
    `jane@${`${of(60)}.`.repeat(4)}example`,
    `jane@${'ü'.repeat(60)}.example`,
    'jane@-panel.example',
    'jane@panel-.example',
    'jane@panel..example',
    'jane@panel.example.',
    'jane@127.0.0.1',
    'jane@[127.0.0.1]',
    'jane@panel_1.example',
    'jane@xn--zz-.example',
    'jané@panel.example',
    'jane doe@panel.example',
    '"jane doe"@panel.example',
    'jane@panel@example.com',
    'jane@panel',
    'jane@',
    'jane',
    '',
    'jane@panel.example\nBcc: x@y.example',
    'jane@пример\u0000.рф',
    'jane@\ud800.example',
  ])('%j is none', (text) => expect(emailInput.safeParse(text).success).toBe(false));
});
