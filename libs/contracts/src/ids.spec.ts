import { describe, expect, it } from '@jest/globals';
import { newId } from './ids.js';

describe('ids', () => {
  it('name their kind, and hold the time as Crockford base 32', () => {
    expect(newId('device', 0)).toMatch(/^dev_0000000000[0-9a-hjkmnp-tv-z]{16}$/);
    // The example of the ULID specification: 01ARZ3NDEK is 1469922850259 ms.
    expect(newId('event', 1_469_922_850_259)).toMatch(/^evt_01arz3ndek[0-9a-hjkmnp-tv-z]{16}$/);
  });

  it('sort by time', () => {
    const ids = [5, 31, 32, 1024, 1_800_000_000_000].map((ms) => newId('event', ms));
    expect(ids.toSorted()).toEqual(ids);
  });

  it('never repeat, also past the end of the pool of random bytes', () => {
    const ids = Array.from({ length: 2000 }, () => newId('challenge', 1));
    expect(new Set(ids).size).toBe(2000);
    // Every place of the random part takes every letter.
    for (let place = 14; place < 30; place += 1) {
      expect(new Set(ids.map((id) => id[place])).size).toBe(32);
    }
  });
});
