import { createSecretKey } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { sentCode } from './code.js';
import { newRecoveryCodes, recoveryCodeMac } from './recovery-code.js';
import { systemRandom } from './ports.js';
import { totpDefaults } from './totp.js';
import { verify, type Authenticator } from './verify.js';

const pepper = createSecretKey(Buffer.alloc(32, 7));
// RFC 6238 appendix B: at 1,111,111,109 s the last six digits of the SHA-1 code are 081804.
const now = new Date(1_111_111_109_000);
const secret = Buffer.from('12345678901234567890');
const app: Authenticator = { kind: 'totp', secret, ...totpDefaults, window: 1, lastUsedStep: null };

describe('T01 the form of a code', () => {
  const variants = [
    '81804', // its zero dropped
    '0081804',
    '081 804',
    ' 081804',
    '081804 ',
    '081804\n',
    '081804\0',
    '０８１８０４',
    '٠٨١٨٠٤',
    '08180４',
    '+81804',
    '81804.',
    '0x13f8c',
    '8.1804e4',
    '07081804', // the eight digits
    '',
  ];
  test.each(variants)('T01 refuses %j', (variant) => {
    expect(verify(app, variant, now, pepper)).toEqual({ result: 'wrong' });
  });

  it('T01 accepts the six digits', () => {
    expect(verify(app, '081804', now, pepper)).toEqual({ result: 'match', step: 37_037_036, mac: null });
  });

  it('T01 holds a code of another length against no seed', () => {
    const eight: Authenticator = { ...app, digits: 8 };
    expect(verify(eight, '07081804', now, pepper).result).toBe('match');
    expect(verify(eight, '081804', now, pepper).result).toBe('wrong');
  });
});

describe('T01 a code of an app', () => {
  const code = (steps: number) => generateSync({ secret, epoch: now.getTime() / 1000 + 30 * steps });

  it.each([
    ['of this step, which was used', 0, 37_037_036, 'replayed'],
    ['of the step before one that was used', -1, 37_037_036, 'replayed'],
    ['of the step after one that was used', 1, 37_037_036, 'match'],
    ['of a step that is long over', -5, null, 'late'],
    ['of a step that is yet to come', 5, null, 'wrong'],
  ])('%s', (_, steps, lastUsedStep, result) => {
    const found = verify({ ...app, lastUsedStep }, code(steps), now, pepper);
    expect(found).toEqual(result === 'match' ? { result, step: 37_037_036 + steps, mac: null } : { result });
  });
});

describe('T06 a sent code', () => {
  const id = 'cod_1';
  const code = sentCode(pepper, id);
  const sent = (more: object = {}): Authenticator => ({
    kind: 'sent_code',
    code: { id, expiresAt: now, consumed: false, ...more },
  });
  const at = (ms: number) => new Date(now.getTime() + ms);

  it('T06 lives until its expiry, to the millisecond', () => {
    expect(verify(sent(), code, at(-1), pepper)).toEqual({ result: 'match', step: null, mac: null });
    expect(verify(sent(), code, at(0), pepper)).toEqual({ result: 'expired' });
    expect(verify(sent(), code, at(60_000), pepper)).toEqual({ result: 'expired' });
  });

  it('T06 tells used and expired only to who has the code', () => {
    const other = code === '000000' ? '000001' : '000000';
    expect(verify(sent(), other, at(60_000), pepper)).toEqual({ result: 'wrong' });
    expect(verify(sent({ consumed: true }), other, at(-1), pepper)).toEqual({ result: 'wrong' });
    expect(verify(sent({ consumed: true }), code, at(-1), pepper)).toEqual({ result: 'replayed' });
  });

  it('T06 is no other code', () => {
    expect(verify({ kind: 'sent_code', code: null }, code, at(-1), pepper)).toEqual({ result: 'wrong' });
    expect(verify(sent({ id: 'cod_2' }), code, at(-1), pepper)).toEqual({ result: 'wrong' });
    const anotherPepper = createSecretKey(Buffer.alloc(32, 8));
    expect(verify(sent(), code, at(-1), anotherPepper)).toEqual({ result: 'wrong' });
  });
});

describe('recovery codes', () => {
  const codes = newRecoveryCodes(10, systemRandom);
  const [first = '', second = ''] = codes;
  const pool = (userId: string, live: string[]): Authenticator => ({
    kind: 'recovery_codes',
    userId,
    macs: live.map((code) => recoveryCodeMac(pepper, 'usr_1', code)),
  });

  it('match among the unused ones of their own user', () => {
    const found = verify(pool('usr_1', codes), first.toUpperCase().replaceAll('-', ' '), now, pepper);
    expect(found).toEqual({ result: 'match', step: null, mac: recoveryCodeMac(pepper, 'usr_1', first) });
    expect(verify(pool('usr_1', [second]), first, now, pepper)).toEqual({ result: 'wrong' });
    expect(verify(pool('usr_1', []), first, now, pepper)).toEqual({ result: 'wrong' });
    expect(verify(pool('usr_2', codes), first, now, pepper)).toEqual({ result: 'wrong' });
    for (const none of ['', '081804', `${first}0`]) {
      expect(verify(pool('usr_1', codes), none, now, pepper)).toEqual({ result: 'wrong' });
    }
  });
});

describe('a verdict', () => {
  it('is the same whatever came before: the check changes nothing', () => {
    const token = generateSync({ secret, epoch: now.getTime() / 1000 });
    const results = Array.from({ length: 3 }, () => verify(app, token, now, pepper));
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  });
});
