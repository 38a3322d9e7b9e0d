import { gauge, gaugeOfEach } from '#runtime';
import type { Readiness } from './readiness.js';

/**
 * What `/metrics` says of any process: whether it is well, by the same look as `/readyz`, and its connections.
 * @returns takes it away
 */
export function tellOfProcess(readiness: Readiness): () => void {
  const gauges = [
    gauge('sallyport_ready', async () => Number((await readiness.look()).status === 'ready')),
    gaugeOfEach('sallyport_readiness_check', async () =>
      Object.entries((await readiness.look()).checks).map(([check, holds]) => [{ check }, Number(holds)] as const),
    ),
    gauge('sallyport_clock_difference_seconds', async () => {
      await readiness.look();
      return readiness.clockDifferenceSeconds;
    }),
    gaugeOfEach('sallyport_database_pool_connections', () => {
      const { inUse, idle } = readiness.pool;
      return [
        [{ state: 'in_use' }, inUse],
        [{ state: 'idle' }, idle],
      ] as const;
    }),
    gauge('sallyport_database_pool_size', () => readiness.pool.most),
    gauge('sallyport_database_pool_waiting', () => readiness.pool.waiting),
  ];
  return () => {
    for (const remove of gauges) remove();
  };
}
