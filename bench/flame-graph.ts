/** A CPU profile as V8 writes it (`--cpu-prof`), as far as it is needed. Times are µs of the machine's monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Before each sample, since the one before. */
  readonly timeDeltas: readonly number[];
}

/** A function, called by the one below it, with all that it calls. */
export interface Frame {
  readonly name: string;
  /** Where it is from: decides its colour. */
  readonly kind: 'ours' | 'package' | 'node' | 'native';
  /** µs, those of `calls` included. */
  time: number;
  readonly calls: Map<string, Frame>;
}

const newFrame = (name: string, kind: Frame['kind']): Frame => ({ name, kind, time: 0, calls: new Map() });

/**
 * The frames of a profile between two times, those of one name beneath the same caller together. What the process slept is
 * left out.
 * @param root folder of the sources: names of files begin below it, and no path of the machine is left in them
 */
export function foldProfile(profile: CpuProfile, root: string, from = -Infinity, to = Infinity): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const stackOf = (id: number): number[] => {
    const stack: number[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.unshift(at);
    return stack.slice(1);
  };
  const all = newFrame('all', 'native');
  let time = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    time += delta;
    if (time < from || time > to || nodes.get(id)?.callFrame.functionName === '(idle)') continue;
    let frame = all;
    frame.time += delta;
    for (const part of stackOf(id)) {
      const { functionName, url } = nodes.get(part)?.callFrame ?? { functionName: '', url: '' };
      const { place, kind } = placeOf(url, root);
      const name = [functionName || '(anonymous)', ...(place ? [place] : [])].join(' ');
      const next = frame.calls.get(name) ?? newFrame(name, kind);
      frame.calls.set(name, next);
      frame = next;
      frame.time += delta;
    }
  }
  return all;
}

function placeOf(url: string, root: string): { readonly place: string; readonly kind: Frame['kind'] } {
  if (url === '') return { place: '', kind: 'native' };
  if (url.startsWith('node:')) return { place: url, kind: 'node' };
  const path = decodeURIComponent(url.replace(/^file:\/\//, ''));
  const inPackage = path.lastIndexOf('/node_modules/');
  if (inPackage >= 0) return { place: path.slice(inPackage + '/node_modules/'.length), kind: 'package' };
  if (!path.startsWith(`${root}/`)) return { place: path.slice(path.lastIndexOf('/') + 1), kind: 'package' };
  return { place: path.slice(root.length + 1).replace(/^dist\//, ''), kind: 'ours' };
}

const width = 1200;
const rowHeight = 17;
const margin = 10;
const letterWidth = 6.6;
/** Frames with a smaller share of the whole are left out. */
export const leastShare = 0.005;
const colours: Readonly<Record<Frame['kind'], string>> = {
  ours: '#f2a65a',
  package: '#9cc3e6',
  node: '#b5d99c',
  native: '#d9d9d9',
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * The frames as an SVG: callers above what they call, widths by time. The pointer shows the name of what is too narrow for it.
 * @param words what it is of, in lines
 */
export function drawFrames(all: Frame, words: readonly string[]): string {
  const drawn: string[] = [];
  const head = margin + (words.length + 1) * rowHeight;
  let rows = 0;
  const draw = (frame: Frame, x: number, row: number) => {
    const share = frame.time / all.time;
    if (!(share >= leastShare)) return;
    rows = Math.max(rows, row + 1);
    const frameWidth = share * (width - 2 * margin);
    const y = head + row * rowHeight;
    const title = `${frame.name}: ${(share * 100).toFixed(1)} %`;
    const letters = Math.floor((frameWidth - 6) / letterWidth);
    const text = frame.name.length > letters ? frame.name.slice(0, Math.max(0, letters - 1)) + '…' : frame.name;
    drawn.push(
      `<g><title>${escaped(title)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${frameWidth.toFixed(1)}" height="${rowHeight - 1}" fill="${colours[frame.kind]}"/>` +
        (letters < 3 ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(text)}</text>`) +
        '</g>',
    );
    let left = x;
    for (const call of [...frame.calls.values()].toSorted((a, b) => b.time - a.time)) {
      draw(call, left, row + 1);
      left += (call.time / all.time) * (width - 2 * margin);
    }
  };
  draw(all, margin, 0);
  const legend = { ours: 'Sallyport', package: 'packages', node: 'Node.js', native: 'V8 and what is native' };
  const keys = Object.entries(legend).map(
    ([kind, name], index) =>
      `<rect x="${margin + index * 180}" y="${head - rowHeight}" width="11" height="11" fill="${colours[kind as Frame['kind']]}"/>` +
      `<text x="${margin + index * 180 + 16}" y="${head - rowHeight + 10}">${name}</text>`,
  );
  const height = head + rows * rowHeight + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...words.map((line, index) => `<text x="${margin}" y="${margin + 10 + index * rowHeight}">${escaped(line)}</text>`),
    ...keys,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Frames with most time of their own, wherever they were called from, by share of the whole. */
export function ownTimes(all: Frame): [string, number][] {
  const own = new Map<string, number>();
  const add = (frame: Frame) => {
    const inCalls = [...frame.calls.values()].reduce((sum, { time }) => sum + time, 0);
    own.set(frame.name, (own.get(frame.name) ?? 0) + frame.time - inCalls);
    for (const call of frame.calls.values()) add(call);
  };
  add(all);
  return [...own].map(([name, time]): [string, number] => [name, time / all.time]).toSorted((a, b) => b[1] - a[1]);
}
