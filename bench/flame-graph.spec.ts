import { describe, expect, it } from '@jest/globals';
import { drawFrames, foldProfile, ownTimes, type CpuProfile } from './flame-graph.ts';

const root = '/home/somebody/sallyport';
const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 7] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('listener', 'node:events'), children: [4, 6] },
    { id: 4, callFrame: frame('verify', `file://${root}/dist/apps/gateway/src/verify.js`), children: [5] },
    { id: 5, callFrame: frame('write', `file://${root}/node_modules/pg/lib/client.js`) },
    // The same function once more, as V8 has it where it was called from another line.
    { id: 6, callFrame: frame('verify', `file://${root}/dist/apps/gateway/src/verify.js`) },
    { id: 7, callFrame: frame('', 'file:///elsewhere/secret-place/tool.js') },
  ],
  startTime: 1000,
  samples: [5, 5, 2, 4, 6, 7, 5],
  timeDeltas: [100, 100, 500, 100, 200, 300, 1000],
};

describe('a flame graph', () => {
  const all = foldProfile(profile, root, 1000, 2400);

  it('adds up the time of a function and of what it calls, without that which was slept', () => {
    expect(all.time).toBe(800);
    const verify = all.calls.get('listener node:events')?.calls.get('verify apps/gateway/src/verify.js');
    expect(verify).toMatchObject({ time: 500, kind: 'ours' });
    expect(verify?.calls.get('write pg/lib/client.js')).toMatchObject({ time: 200, kind: 'package' });
  });

  it('looks at no more than the time that it is asked for', () => {
    expect(foldProfile(profile, root, 1150, 1250).time).toBe(100);
    expect(foldProfile(profile, root).time).toBe(1800);
  });

  it('says what takes most time itself', () => {
    expect(ownTimes(all).map(([name, share]) => [name, Math.round(share * 800)])).toEqual(
      expect.arrayContaining([
        ['verify apps/gateway/src/verify.js', 300],
        ['(anonymous) tool.js', 300],
        ['write pg/lib/client.js', 200],
      ]),
    );
  });

  it('is drawn with each frame below its caller, and names no folder of the machine', () => {
    const svg = drawFrames(all, ['verify & more']);
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(svg).toContain('verify &amp; more');
    expect(svg).toContain('<title>write pg/lib/client.js: 25.0 %</title>');
    expect(svg).not.toMatch(/somebody|secret-place/);
    const rowOf = (name: string) =>
      Number(new RegExp(`<title>${name}[^<]*</title><rect x="[^"]*" y="(\\d+)"`).exec(svg)?.[1]);
    expect(rowOf('write')).toBeGreaterThan(rowOf('verify'));
    expect(rowOf('verify')).toBeGreaterThan(rowOf('listener'));
  });

  it('leaves out what is below half a percent', () => {
    const rare = { ...profile, samples: [5, 7], timeDeltas: [99_700, 300] };
    expect(drawFrames(foldProfile(rare, root), [])).not.toContain('tool.js');
    const common = { ...rare, timeDeltas: [99_000, 1000] };
    expect(drawFrames(foldProfile(common, root), [])).toContain('tool.js');
  });
});
