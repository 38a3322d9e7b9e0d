import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '#contracts';
import { openTraces, tracing } from '#runtime';
import { describeOnBackends } from '../../support/queue-backends.js';
import { consumer, enqueue, logger, openBefore, relay, rows, store, until } from '../../support/relayed-jobs.js';
import { startTraceCollector, type TraceCollector } from '../../support/trace-collector.js';

/** The trace of a job goes on from its row of the outbox, through relay and queue, to its handler. */

let collector: TraceCollector;
beforeAll(async () => void (collector = await startTraceCollector()));
afterAll(() => collector.close());

const id = (n: number) => String(n).repeat(32);
const from = (n: number) => ({ traceparent: `00-${id(n)}-${String(n).repeat(16)}-01`, deliveryId: newId('delivery') });

async function pass(payloads: readonly object[], seen: string[]): Promise<void> {
  const { wake } = await relay();
  for (const payload of payloads) await enqueue(1, payload);
  wake();
  await until(async () => seen.length === payloads.length && (await rows('select 1 from outbox')).length === 0);
}

describeOnBackends('a job', (backend) => {
  openBefore(backend);

  it('goes on with the trace of its own row, however many are published together', async () => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    const traces = await openTraces('test', logger);
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    const before = collector.spans.length;
    const found: (string | undefined)[] = [];
    const payloads = [1, 2, 3, 4].map(from);
    const { seen } = consumer(undefined, async ({ deliveryId }) => {
      found.push(tracing()?.traceparent?.slice(3, 35));
      await rows(`delete from outbox where payload ->> 'deliveryId' = $1`, [deliveryId]);
    });
    await pass(payloads, seen);
    await traces.stop();
    expect(found.toSorted()).toEqual([1, 2, 3, 4].map(id));
    const spans = collector.spans.slice(before);
    for (const n of [1, 2, 3, 4]) {
      const [published, ...others] = spans.filter(({ parentId }) => parentId === String(n).repeat(16));
      expect([published?.name, published?.traceId, others]).toEqual(['publish deliver-sms', id(n), []]);
      const runs = spans.filter(({ parentId }) => parentId === published?.spanId);
      expect(runs.map(({ name, traceId }) => [name, traceId])).toEqual([['deliver-sms', id(n)]]);
    }
  });

  it('keeps its trace where the relay tells none, apart from its payload', async () => {
    const payload = from(5);
    await enqueue(1, payload);
    (await relay()).wake();
    const waiting = () => store.raw('sms').getJobs(['waiting', 'prioritized']);
    await until(async () => (await waiting()).length === 1);
    const [job] = await waiting();
    expect(job?.opts.telemetry?.metadata).toBe(JSON.stringify({ traceparent: payload.traceparent }));
    expect(job?.data).toEqual({ version: 1, deliveryId: payload.deliveryId });
  });
});
