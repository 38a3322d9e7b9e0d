import { describe, expect, it } from '@jest/globals';
import { late, within } from './within.js';

const long = 3_600_000;
const never = new Promise<string>(() => undefined);
/** Timers that keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('a limit of time', () => {
  it('hands on what comes in time', async () => {
    expect(await within(long, Promise.resolve('done'))).toBe('done');
    expect(await within(long, Promise.resolve(undefined))).toBeUndefined();
  });

  it('says that something did not come', async () => {
    expect(await within(1, never)).toBe(late);
  });

  it('hands on what is thrown in time', async () => {
    await expect(within(long, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('drops what is thrown later', async () => {
    const work = Promise.withResolvers<string>();
    expect(await within(1, work.promise)).toBe(late);
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    work.reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('leaves no timer behind', async () => {
    const before = timers();
    const work = Promise.withResolvers<string>();
    const waiting = within(long, work.promise);
    expect(timers()).toBe(before + 1);
    work.resolve('done');
    await waiting;
    expect(timers()).toBe(before);
    await expect(within(long, Promise.reject(new Error('broken')))).rejects.toThrow();
    expect(timers()).toBe(before);
  });

  it('keeps no process alive where it is told so', () => {
    const before = timers();
    void within(long, never, { ref: false });
    expect(timers()).toBe(before);
  });
});
