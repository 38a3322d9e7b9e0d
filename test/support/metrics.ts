import { register } from 'prom-client';

/** One line of `/metrics`. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function seriesIn(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', of = '']) => [label, of]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

/** Names of ours that it declares, with a series or without. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/^# TYPE (sallyport_\w+) /gm)].map(([, name = '']) => name).toSorted();
}

/** @returns sum of the series of this process that have these labels; undefined where there is none */
export async function figure(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  const found = seriesIn(await register.metrics()).filter(
    (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** How much a figure grows by some work. */
export async function growth(
  name: string,
  labels: Readonly<Record<string, string>>,
  work: () => unknown,
): Promise<number> {
  const before = (await figure(name, labels)) ?? 0;
  await work();
  return ((await figure(name, labels)) ?? 0) - before;
}
