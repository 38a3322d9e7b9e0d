import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Vonage } from '@vonage/server-sdk';
import fc from 'fast-check';
import { isSignedByTwilio, isSignedByVonage, vonageMethods, type VonageMethod } from './signatures.js';
import { signAsVonage } from '../../../../test/support/signed-receipts.js';

const sdk = new Vonage({ apiKey: 'key', apiSecret: 'secret', privateKey: '' }).sms;
type Algorithm = Parameters<typeof sdk.verifySignature>[3];
const text = fc.string({ maxLength: 30 });
const fields = fc.dictionary(
  fc.stringMatching(/^[a-zA-Z-]{1,12}$/).filter((name) => name !== 'sig'),
  text,
  { maxKeys: 12, noNullPrototype: true },
);

describe('signatures of Vonage', () => {
  test('are read as in the example of its own SDK for Python', () => {
    const told = { a: '1', b: '2', timestamp: '1461605396', sig: '6af838ef94998832dbfc29020b564830' };
    expect(isSignedByVonage(new Map(Object.entries(told)), 'secret', 'md5hash')).toBe(true);
    expect(isSignedByVonage(new Map(Object.entries({ ...told, b: '3' })), 'secret', 'md5hash')).toBe(false);
    expect(isSignedByVonage(new Map(Object.entries(told)), 'Secret', 'md5hash')).toBe(false);
  });

  test.each(vonageMethods)('are those that its SDK takes, and no others: %s', (method) => {
    // The SDK exports the type of its own enumeration, and not the enumeration.
    const algorithm = method.toUpperCase() as Algorithm;
    fc.assert(
      fc.property(fields, text, fc.boolean(), (told, secret, spoil) => {
        const sig = signAsVonage(told, secret, method);
        const given = { ...told, sig: spoil ? sig.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : sig };
        expect(sdk.verifySignature(given.sig, given, secret, algorithm)).toBe(!spoil);
        expect(isSignedByVonage(new Map(Object.entries(given)), secret, method)).toBe(!spoil);
        const upper = { ...given, sig: given.sig.toUpperCase() };
        expect(isSignedByVonage(new Map(Object.entries(upper)), secret, method)).toBe(!spoil);
      }),
    );
  });

  test('count by the method that was agreed on only', () => {
    const told = { 'client-ref': 'dlv_1', status: 'delivered' };
    const accepted = vonageMethods.flatMap((agreed) =>
      vonageMethods
        .filter((used) =>
          isSignedByVonage(new Map(Object.entries({ ...told, sig: signAsVonage(told, 's', used) })), 's', agreed),
        )
        .map((used): [VonageMethod, VonageMethod] => [agreed, used]),
    );
    expect(accepted).toEqual(vonageMethods.map((method) => [method, method]));
  });

  test('that are missing or short prove nothing', () => {
    const told = { status: 'delivered' };
    for (const sig of [undefined, '', 'a', signAsVonage(told, 's', 'md5hash').slice(1)]) {
      const given = new Map(Object.entries({ ...told, ...(sig === undefined ? {} : { sig }) }));
      expect(isSignedByVonage(given, 's', 'md5hash')).toBe(false);
    }
  });
});

describe('signatures of Twilio', () => {
  // The example of its documentation.
  const address = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const form = new Map(
    Object.entries({
      Digits: '1234',
      To: '+18005551212',
      From: '+14158675309',
      Caller: '+14158675309',
      CallSid: 'CA1234567890ABCDE',
    }),
  );
  const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

  test('are read as in the example of its documentation', () => {
    expect(isSignedByTwilio(address, form, '12345', signature)).toBe(true);
    expect(isSignedByTwilio(`${address}3`, form, '12345', signature)).toBe(false);
    expect(isSignedByTwilio(address, new Map([...form, ['Digits', '1235']]), '12345', signature)).toBe(false);
    expect(isSignedByTwilio(address, form, '12346', signature)).toBe(false);
    expect(isSignedByTwilio(address, form, '12345', '')).toBe(false);
  });

  test('are of the address with its port, or without', () => {
    const sign = (of: string) => createHmac('sha1', 't').update(of).digest('base64');
    for (const [ours, theirs] of [
      ['https://a.example/x', 'https://a.example:443/x'],
      ['https://a.example:8443/x?y=1', 'https://a.example/x?y=1'],
      ['http://a.example:80/x', 'http://a.example/x'],
      ['https://[::1]:8443/x', 'https://[::1]:8443/x'],
    ] as const) {
      expect([ours, isSignedByTwilio(ours, new Map(), 't', sign(theirs))]).toEqual([ours, true]);
    }
    expect(isSignedByTwilio('https://a.example/x', new Map(), 't', sign('https://b.example/x'))).toBe(false);
  });
});
