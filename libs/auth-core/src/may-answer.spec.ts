import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { methods, type Method } from '#contracts';
import { mayAnswer, standAlone } from './may-answer.js';

const all = [...methods];

describe('which devices may answer', () => {
  test.each<[string, Method[], Method[], Method, Method[], boolean]>([
    ['allowed', all, [], 'email', ['email'], true],
    ['not allowed any more', ['totp', 'sms'], [], 'email', ['email', 'totp'], false],
    ['not alone, and alone', all, ['sms'], 'sms', ['sms'], false],
    ['not alone, two of its kind', all, ['sms'], 'sms', ['sms', 'sms'], false],
    ['not alone, beside one that may be', all, ['sms'], 'sms', ['sms', 'totp'], true],
    ['not alone, beside another that may not be', all, ['sms', 'email'], 'sms', ['sms', 'email'], false],
    ['not alone, beside one that is not allowed', ['totp', 'sms'], ['sms'], 'sms', ['sms', 'email'], false],
    ['the one beside it', all, ['sms'], 'totp', ['sms', 'totp'], true],
  ])('%s', (_, allowed, notAlone, method, proved, expected) => {
    expect(mayAnswer({ allowed, notAlone }, method, proved)).toBe(expected);
  });

  const some = fc.uniqueArray(fc.constantFrom(...methods));
  test('a policy that allows less, or supports less, lets nobody answer who might not before', () => {
    const rules = fc.record({ allowed: some, notAlone: some });
    fc.assert(
      fc.property(rules, fc.constantFrom(...methods), some, some, (given, method, proved, gone) => {
        const left = (list: readonly Method[]) => list.filter((one) => !gone.includes(one));
        const may = mayAnswer(given, method, proved);
        for (const stricter of [
          mayAnswer({ ...given, allowed: left(given.allowed) }, method, proved),
          mayAnswer({ ...given, notAlone: [...given.notAlone, ...gone] }, method, proved),
          mayAnswer(given, method, left(proved)),
        ]) {
          expect(may || !stricter).toBe(true);
        }
        expect(standAlone(given).every((one) => mayAnswer(given, one, []))).toBe(true);
      }),
    );
  });
});
