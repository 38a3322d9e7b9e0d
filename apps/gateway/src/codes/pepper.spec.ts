import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { recoveryCodeMac, sentCode } from '#auth-core';
import { addKey, activateKey, generateKeyFile, loadKeys, removeKey, selectKeys } from '#runtime';
import { verifyCode } from '../verification/authenticator.js';
import { Pepper } from './pepper.js';

/** The key file of an installation before, during and after its pepper is replaced. */
const before = selectKeys(generateKeyFile(), ['pepper']);
const { texts, id } = addKey([before], 'pepper');
const [added = ''] = texts;
const [used = ''] = activateKey(texts, 'pepper', id);
const [retired = ''] = removeKey([used], 'pepper', 'first');
const of = (text: string) => new Pepper(loadKeys(['pepper'], { SALLYPORT_KEYS: text }).pepper);
const [first, ready, both, last] = [of(before), of(added), of(used), of(retired)];

const now = new Date();
const sent = (codeId: string) =>
  ({ kind: 'sent_code', code: { id: codeId, expiresAt: new Date(now.getTime() + 1000), consumed: false } }) as const;
const check = (pepper: Pepper, codeId: string, code: string) => verifyCode(sent(codeId), code, now, pepper).result;

describe('codes while the pepper is replaced', () => {
  test('a code is checked under the key that it was made under, and under no other', () => {
    const makers: readonly [Pepper, readonly Pepper[], readonly Pepper[]][] = [
      [first, [first, ready, both], [last]],
      [ready, [first, ready, both], [last]],
      [both, [ready, both, last], [first]],
      [last, [ready, both, last], [first]],
    ];
    for (const [maker, right, wrong] of makers) {
      // That a code of another key is the same by chance is one in a million.
      const codeId = maker.newCodeId();
      const code = sentCode(maker.ofCode(codeId), codeId);
      expect(right.map((pepper) => check(pepper, codeId, code))).toEqual(right.map(() => 'match'));
      expect(wrong.map((pepper) => check(pepper, codeId, code))).toEqual(wrong.map(() => 'wrong'));
      // One guess is good for one code: the id under the other key gives none.
      const { pepper } = loadKeys(['pepper'], { SALLYPORT_KEYS: used });
      const codes = [...pepper.keys.values()].map((key) => sentCode(key, codeId));
      expect(codes.filter((each) => check(both, codeId, each) === 'match')).toEqual([code]);
    }
  });

  test('a recovery code that was stored before and one that was stored since are both good, each as it is stored', () => {
    const stored = [first.storedRecoveryCode('usr_1', code(1)), both.storedRecoveryCode('usr_1', code(2))];
    expect(stored[0]).toHaveLength(32);
    const verdict = (pepper: Pepper, n: number, userRef = 'usr_1') =>
      pepper.verifyRecoveryCode(userRef, stored, code(n), now);
    for (const n of [1, 2]) expect(verdict(both, n)).toEqual({ result: 'match', step: null, mac: stored[n - 1] });
    expect(verdict(both, 3)).toEqual({ result: 'wrong' });
    expect(verdict(both, 1, 'usr_2')).toEqual({ result: 'wrong' });
    expect(verdict(last, 1)).toEqual({ result: 'wrong' });
    expect(verdict(last, 2)).toMatchObject({ result: 'match' });
    // One made by hand for another key, under a name of ours, opens nothing.
    const forged = Buffer.concat([
      stored[1]?.subarray(0, -32) ?? Buffer.of(),
      recoveryCodeMac(createSecretKey(randomBytes(32)), 'usr_1', code(4)),
    ]);
    expect(both.verifyRecoveryCode('usr_1', [forged], code(4), now)).toEqual({ result: 'wrong' });
  });

  test('a challenge of a passkey that was derived before is known, until its key is gone', async () => {
    const seen = (pepper: Pepper) =>
      pepper.underAny(async (key) => ({ result: key.equals(first.key) ? 'match' : 'wrong' }));
    expect(await seen(both)).toEqual({ result: 'match' });
    expect(await seen(last)).toEqual({ result: 'wrong' });
  });

  test('what is looked up by its MAC goes on by the first key', () => {
    const lookups = [before, added, used, retired].map((text) =>
      loadKeys(['pepper'], { SALLYPORT_KEYS: text }).pepper.lookups.export().toString('hex'),
    );
    expect(new Set(lookups).size).toBe(1);
  });
});

const code = (n: number) => `${n}000-0000-0000-0000`;
