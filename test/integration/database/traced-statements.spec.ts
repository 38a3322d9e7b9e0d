import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Batch, batchStatement, sql, statement } from '#persistence';
import { inSpan, openTraces, tracing, type RunningApp } from '#runtime';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startTraceCollector, type ReceivedSpan, type TraceCollector } from '../../support/trace-collector.js';

/** Statements in traces: each below the work that asked it, also where one statement serves several calls. */

const doubled = batchStatement<{ twice: number }, { value: number }>(
  'test.traced-double',
  { value: 'int' },
  (asked) => sql`with ${asked} select n, value * 2 as twice from asked`,
);
const echoed = statement<{ text: string }, { text: string }>(
  'test.traced-echo',
  ($) => sql`select ${$.text}::text as text`,
);
const failing = statement<{ text: string }, { text: string }>(
  'test.traced-failing',
  ($) => sql`select ${$.text}::int as text`,
);

let store: TestDatabase;
let collector: TraceCollector;
let opened: RunningApp;
beforeAll(async () => {
  store = await createTestDatabase();
  collector = await startTraceCollector();
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  await store.close();
  await collector.close();
});
beforeEach(async () => {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  opened = await openTraces('test', pino({ level: 'silent' }));
});

const work = (name: string, run: () => Promise<unknown>) => inSpan(tracing()?.begin({ name, kind: 'internal' }), run);

/** What came once all has been told. */
async function told(name: string): Promise<readonly ReceivedSpan[]> {
  await opened.stop();
  return collector.spans.filter((span) => span.name === name);
}

const nameOfParent = (span: ReceivedSpan) => collector.spans.find(({ spanId }) => spanId === span.parentId)?.name;

it('of calls that share a statement, each has a span of its own below whoever asked', async () => {
  const batch = new Batch(store.database, doubled);
  const calls = Array.from({ length: 30 }, (_, value) => value);
  const answers = await Promise.all(
    calls.map((value) => {
      const found: { twice?: number | undefined } = {};
      return work(`call ${value}`, async () => (found.twice = (await batch.ask({ value }))[0]?.twice)).then(
        () => found.twice,
      );
    }),
  );
  expect(answers).toEqual(calls.map((value) => value * 2));
  const spans = await told('test.traced-double');
  expect(spans.map(nameOfParent).toSorted()).toEqual(calls.map((value) => `call ${value}`).toSorted());
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(calls.length);
});

it('a statement is told by its name, and a fault by its code; values and words are in neither', async () => {
  const secret = 'a-value-that-nobody-may-see';
  await work('outer', async () => {
    await store.database.query(echoed, { text: secret });
    await store.database.transaction(() => store.database.query(echoed, { text: secret }));
    await store.database.query(failing, { text: secret }).catch(() => undefined);
  });
  const facts = { 'db.system.name': 'postgresql', 'db.query.summary': 'test.traced-echo' };
  const echoes = await told('test.traced-echo');
  expect(echoes.map((span) => [nameOfParent(span), span.facts, span.failed])).toEqual([
    ['outer', facts, false],
    ['outer', facts, false],
  ]);
  const [fault] = await told('test.traced-failing');
  expect([fault?.facts['error.type'], fault?.failed, fault?.extras]).toEqual(['22P02', true, 0]);
  expect(collector.raw.join('')).not.toContain(secret);
  expect(collector.raw.join('')).not.toContain('select');
});

it('what nobody’s work asks for is told to nobody', async () => {
  const before = collector.spans.length;
  await store.database.query(echoed, { text: 'x' });
  await new Batch(store.database, doubled).ask({ value: 1 });
  await opened.stop();
  expect(collector.spans.length).toBe(before);
});
