import { expect, test } from '@jest/globals';
import { networkOf } from './places.js';

test.each([
  ['192.0.2.7', '192.0.2.250'],
  ['2001:db8:1:2200::1', '2001:db8:1:22ff:ffff::'],
  ['2001:DB8::1', '2001:db8:0:0:1::'],
  ['::ffff:192.0.2.7', '192.0.2.9'],
  ['::ffff:c000:0207', '192.0.2.9'],
  ['fe80::1%eth0', 'fe80::2'],
])('%s and %s are in one network', (one, other) => expect(networkOf(one)).toBe(networkOf(other)));

test.each([
  ['192.0.2.7', '192.0.3.7'],
  ['2001:db8:1:2200::1', '2001:db8:1:2300::1'],
  ['::1', '1::'],
  ['::ffff:192.0.2.7', '::192.0.2.7'],
])('%s and %s are not', (one, other) => expect(networkOf(one)).not.toBe(networkOf(other)));
