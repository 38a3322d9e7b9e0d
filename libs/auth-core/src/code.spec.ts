import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sentCode } from './code.js';

const pepper = createSecretKey(Buffer.alloc(32, 7));
const count = 100_000;
// Fixed key and ids: the same codes at every run, so that the figures can't fail by chance.
const codes = Array.from({ length: count }, (_, index) => sentCode(pepper, `cod_${index}`));

/** Pearson's χ² of how evenly values fall into `bins`. */
function chiSquare(values: readonly number[], bins: number): number {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  const expected = values.length / bins;
  return counts.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
}

/**
 * What χ² of an even spread exceeds once in a million tries, for 9 and 999 degrees of freedom. Exact: the normal
 * approximation is 35 % too low at 9. With this key the second digit has 31.3, which is chance (1 in 3,700): over 40 keys
 * and six places the mean was 9.0, as it should be.
 */
const bound = { tens: 44.81, thousands: 1226.05 };

describe('T06 100,000 sent codes', () => {
  it('T06 are six digits each, leading zeros kept', () => {
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    const leading = codes.filter((code) => code.startsWith('0')).length;
    expect(Math.abs(leading - count / 10)).toBeLessThan(500);
    expect(codes.some((code) => code.startsWith('000'))).toBe(true);
  });

  it('T06 are evenly spread: as a whole, by their halves, at each place', () => {
    expect(
      chiSquare(
        codes.map((code) => Math.floor(Number(code) / 1000)),
        1000,
      ),
    ).toBeLessThan(bound.thousands);
    expect(
      chiSquare(
        codes.map((code) => Number(code) % 1000),
        1000,
      ),
    ).toBeLessThan(bound.thousands);
    for (let place = 0; place < 6; place += 1) {
      expect(
        chiSquare(
          codes.map((code) => Number(code[place])),
          10,
        ),
      ).toBeLessThan(bound.tens);
    }
    // From one to the next: no code tells about its neighbour.
    const pairs = codes.slice(1).map((code, index) => (Number(code) - Number(codes[index]) + 1_000_000) % 1000);
    expect(chiSquare(pairs, 1000)).toBeLessThan(bound.thousands);
  });

  it('T06 repeat as often as chance has it', () => {
    // Of 10⁵ draws among 10⁶, 10⁶ (1 − (1 − 10⁻⁶)^10⁵) = 95,163 are expected to differ; the deviation is about 67.
    expect(Math.abs(new Set(codes).size - 95_163)).toBeLessThan(400);
  });

  it('T06 follow from key and id alone', () => {
    expect(sentCode(pepper, 'cod_1')).toBe(codes[1]);
    const other = createSecretKey(Buffer.alloc(32, 8));
    const same = codes.slice(0, 1000).filter((code, index) => code === sentCode(other, `cod_${index}`));
    expect(same.length).toBeLessThan(5);
  });

  it('T06 are made under a label of their own: the same key signs other things', () => {
    const mac = createHmac('sha256', pepper).update('sallyport:code:cod_1').digest();
    const expected = (mac.readBigUInt64BE(0) % 1_000_000n).toString().padStart(6, '0');
    expect(sentCode(pepper, 'cod_1')).toBe(expected);
  });
});
