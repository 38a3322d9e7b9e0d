import { expect, test } from '@jest/globals';
import { Problem } from '#contracts';
import { Streams } from './streams.js';

test('a tenant has half of the streams at most, the next one half of the rest, and what ends is free for whoever has less', () => {
  const streams = new Streams();
  const takeAll = (tenantId: string) => {
    const taken: (() => void)[] = [];
    try {
      for (;;) taken.push(streams.take(tenantId));
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable', details: { retryAfter: expect.any(Number) } });
      expect(error).toBeInstanceOf(Problem);
    }
    return taken;
  };
  const first = takeAll('tnt_1');
  expect(first).toHaveLength(250);
  expect(takeAll('tnt_2')).toHaveLength(125);
  first[0]?.();
  first[0]?.();
  expect(takeAll('tnt_1')).toHaveLength(0);
  expect(takeAll('tnt_2')).toHaveLength(1);
});
