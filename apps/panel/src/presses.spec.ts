import { beforeEach, describe, expect, it } from '@jest/globals';
import { Presses } from './presses.js';

describe('two presses of a button', () => {
  let presses: Presses;
  let keys: string[];
  beforeEach(() => {
    presses = new Presses();
    keys = [];
  });

  const form = { key: 'k'.repeat(36), code: '123456' };
  const press = async (filled: Record<string, string> = form, status = 303, lives = true) => {
    const work = async (key: string) => {
      keys.push(key);
      await Promise.resolve();
      return { answer: new Response(status === 303 ? null : `${keys.length}`, { status }), token: 'token' };
    };
    return presses.once('/second-step', filled, work, () => lives);
  };

  it('at once, or one after the other, do one thing, with one answer', async () => {
    const answers = [...(await Promise.all([press(), press()])), await press()];
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(keys).toEqual([expect.stringContaining(form.key)]);
  });

  it('are two where something else was filled in', async () => {
    await press();
    await press({ ...form, code: '654321' });
    expect(new Set(keys).size).toBe(2);
  });

  it('ask again under the same key where only waiting mends what was refused', async () => {
    await press(form, 503);
    await press(form, 503);
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
  });

  it('are two where the session of the first has ended, under another key', async () => {
    await press();
    await press(form, 303, false);
    expect(new Set(keys).size).toBe(2);
  });
});
