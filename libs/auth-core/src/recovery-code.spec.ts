import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { systemRandom } from './ports.js';
import { newRecoveryCodes, normalizeRecoveryCode, recoveryCodeMac } from './recovery-code.js';

const pepper = createSecretKey(Buffer.alloc(32, 7));

describe('recovery codes', () => {
  it('are all different, of sixteen characters that nobody misreads', () => {
    const codes = newRecoveryCodes(2000, systemRandom);
    expect(new Set(codes).size).toBe(2000);
    expect(codes.every((code) => /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/.test(code))).toBe(true);
    expect(newRecoveryCodes(0, systemRandom)).toEqual([]);
  });

  it('carry all of their 80 bits', () => {
    const of = (bytes: number[]) =>
      newRecoveryCodes(1, { bytes: (count) => Uint8Array.from({ length: count }, (_, i) => bytes[i] ?? 0) })[0];
    expect(of([])).toBe('0000-0000-0000-0000');
    expect(of(Array.from({ length: 10 }, () => 255))).toBe('zzzz-zzzz-zzzz-zzzz');
    // Each bit changes the code.
    const seen = new Set<string | undefined>();
    for (let bit = 0; bit < 80; bit += 1) {
      seen.add(of(Array.from({ length: 10 }, (_, index) => (index === bit >> 3 ? 1 << (bit & 7) : 0))));
    }
    expect(seen.size).toBe(80);
  });

  it('use every character of the alphabet at every place', () => {
    const codes = newRecoveryCodes(3000, systemRandom).map((code) => code.replaceAll('-', ''));
    for (let place = 0; place < 16; place += 1) expect(new Set(codes.map((code) => code[place])).size).toBe(32);
  });

  it('are understood as people type them', () => {
    for (const typed of [
      '0a1b-2c3d-4e5f-6g7h',
      '0A1B 2C3D 4E5F 6G7H',
      'oalb2c3d4e5f6g7h',
      ' OAIB-2C3D4E5F-6G7H\n',
      // As mail programs and word processors make them of it.
      '0a1b\u20112c3d\u20124e5f\u20136g7h',
      '0a1b\u20142c3d\u20154e5f\u22126g7h',
      '0a1b\u00a02c3d\u202f4e5f\u30006g7h',
      '0a1b\u00ad-\u200b2c3d\u2010\ufe634e5f\uff0d\u20436g7h\ufeff',
      '０ａ１ｂ－２Ｃ３Ｄ－４ｅ５ｆ－６ｇ７ｈ',
    ]) {
      expect(normalizeRecoveryCode(typed)).toBe('0a1b-2c3d-4e5f-6g7h');
    }
    for (const code of newRecoveryCodes(100, systemRandom)) expect(normalizeRecoveryCode(code)).toBe(code);
  });

  it('are nothing else', () => {
    const others = [
      '',
      '123456',
      '0a1b-2c3d-4e5f-6g7',
      '0a1b-2c3d-4e5f-6g7hh',
      '0a1b-2c3d-4e5f-6g7u',
      '0a1b_2c3d_4e5f_6g7h',
    ];
    for (const other of others) expect(normalizeRecoveryCode(other)).toBeNull();
  });

  it('are kept under a MAC of their user', () => {
    const mac = (userId: string, code: string) => recoveryCodeMac(pepper, userId, code).toString('hex');
    expect(mac('usr_1', 'a')).toBe(mac('usr_1', 'a'));
    expect(new Set([mac('usr_1', 'a'), mac('usr_1', 'b'), mac('usr_2', 'a')]).size).toBe(3);
    expect(mac('usr_1', 'a')).toHaveLength(64);
  });
});
