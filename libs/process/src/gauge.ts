import { Gauge, register } from 'prom-client';

/**
 * A figure in `/metrics` that is looked up when it is asked for. One that can't be found out then is left out.
 * @returns takes it away
 */
export function gauge(name: string, help: string, read: () => number | Promise<number>): () => void {
  // A second app of the same kind in one process takes the place of the first.
  register.removeSingleMetric(name);
  const made = new Gauge({
    name,
    help,
    async collect() {
      try {
        this.set(await read());
      } catch {
        this.remove();
      }
    },
  });
  return () => {
    if (register.getSingleMetric(name) === made) register.removeSingleMetric(name);
  };
}

/**
 * A figure in `/metrics` for each of several, told apart by a label. If they can't be found out, all are left out.
 * @returns takes it away
 */
export function gaugeOfEach(
  name: string,
  help: string,
  label: string,
  read: () => Promise<ReadonlyMap<string, number>>,
): () => void {
  register.removeSingleMetric(name);
  const made = new Gauge({
    name,
    help,
    labelNames: [label],
    async collect() {
      this.reset();
      try {
        for (const [value, figure] of await read()) this.set({ [label]: value }, figure);
      } catch {
        this.reset();
      }
    },
  });
  return () => {
    if (register.getSingleMetric(name) === made) register.removeSingleMetric(name);
  };
}
