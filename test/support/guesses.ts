import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { startPanel, totp, type TestPanel } from './gateway-harness.js';

/** Guesses at the codes of people of one gateway, for each file that imports this. */

export let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 24 });
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

/** Different codes that are wrong for certain: of no step near now. */
export function wrongCodes(secret: string, count: number): string[] {
  const near = new Set(Array.from({ length: 60 }, (_, index) => totp(secret, index - 40)));
  const spread = Array.from({ length: count + near.size }, (_, index) => String(index * 199).padStart(6, '0'));
  return spread.filter((code) => !near.has(code)).slice(0, count);
}
