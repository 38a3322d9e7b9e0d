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
