import pg from 'pg';

/*
 * The floor where there is no pgbench: the same statement by node-postgres, prepared, in a process of its own. It costs
 * the load side more than pgbench does, so on few cores this floor is lower; the table says which one it is.
 */

export interface FloorJob {
  readonly url: string;
  readonly text: string;
  readonly devices: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface FloorResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function run(job: FloorJob): Promise<FloorResult> {
  const clients = Array.from({ length: job.connections }, () => new pg.Client({ connectionString: job.url }));
  await Promise.all(clients.map((client) => client.connect()));
  const latencies: number[] = [];
  const started = performance.now();
  const until = started + job.seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      for (let began = performance.now(); began < until; began = performance.now()) {
        const device = 1 + Math.floor(Math.random() * job.devices);
        await client.query({ name: 'floor', text: job.text, values: [device, 1_000_000_000] });
        latencies.push(performance.now() - began);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { perSecond: sorted.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.once('message', (job: FloorJob) => {
  run(job)
    .then((result) => process.send?.(result, () => process.disconnect()))
    .catch((error: Error) => {
      process.stderr.write(`bench: the floor failed: ${error.message}\n`);
      process.exit(1);
    });
});
