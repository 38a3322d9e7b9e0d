import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startLoop } from './loop.js';

const long = 3_600_000;

/** A loop whose turns end when told to. */
function steppedLoop() {
  const ends: (() => void)[] = [];
  const loop = startLoop(async () => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return long;
  });
  return { loop, ends };
}

describe('a loop', () => {
  it('begins its next turn at once when woken in a pause', async () => {
    const { loop, ends } = steppedLoop();
    ends[0]?.();
    await sleep(1);
    expect(ends).toHaveLength(1);
    loop.wake();
    await sleep(1);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await loop.stop();
  });

  it('leaves out the pause when woken during a turn', async () => {
    const { loop, ends } = steppedLoop();
    loop.wake();
    loop.wake();
    ends[0]?.();
    await sleep(1);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await sleep(1);
    expect(ends).toHaveLength(2);
    await loop.stop();
  });

  it('waits for the present turn when stopped, and takes no other', async () => {
    const { loop, ends } = steppedLoop();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await sleep(1);
    expect(stopped).toBe(false);
    ends[0]?.();
    await stopping;
    loop.wake();
    await sleep(1);
    expect(ends).toHaveLength(1);
  });
});
