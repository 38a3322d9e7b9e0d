import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openTraces, tracesAreOn } from './open-traces.js';
import { spanFacts } from './span-facts.js';
import { inSpan, tracing } from './tracing.js';

const logger = pino({ level: 'silent' });
const names = ['OTEL_TRACES_EXPORTER', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
const set = (values: Record<string, string>) => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, values);
};

let close: () => Promise<void> = async () => undefined;
const open = async (values: Record<string, string>) => {
  // Nobody listens there: what is told goes nowhere, and nothing waits for it.
  set({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...values });
  const opened = await openTraces('test', logger);
  close = () => opened.stop();
};
beforeEach(() => set({}));
afterEach(async () => {
  await close();
  close = async () => undefined;
  set(Object.fromEntries(Object.entries(before).filter((entry): entry is [string, string] => entry[1] !== undefined)));
});

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const sound = `00-${id}-00f067aa0ba902b7-01`;
const span = { name: 'work', kind: 'internal' } as const;

describe('traces', () => {
  it.each<[boolean, Record<string, string>]>([
    [false, {}],
    [false, { OTEL_TRACES_EXPORTER: '' }],
    [true, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }],
    [true, { OTEL_TRACES_EXPORTER: 'otlp' }],
    [false, { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }],
  ])('are %s with %j', async (on, values) => {
    set(values);
    expect(tracesAreOn()).toBe(on);
    const opened = await openTraces('test', logger);
    expect(tracing() !== undefined).toBe(on);
    await opened.stop();
    expect(tracing()).toBeUndefined();
  });

  it('go on where a caller says, by the letter of W3C Trace Context, and begin anew where it says nothing sound', async () => {
    await open({});
    const goesOn = (header: unknown) => tracing()?.goOn(header, span).traceparent ?? '';
    expect(goesOn(sound)).toMatch(new RegExp(`^00-${id}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect(goesOn(sound.replace(/01$/, '00'))).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-00$`));
    expect(goesOn(sound.replace(/01$/, 'ff'))).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
    for (const header of [
      undefined,
      null,
      7,
      '',
      'garbage',
      `${sound}, ${sound}`,
      `${sound}-more`,
      [sound],
      { a: sound },
    ]) {
      expect(goesOn(header)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(goesOn(header)).not.toContain(id);
    }
  });

  it('are kept by the share of the operator, and not by that of the caller, where the operator says so', async () => {
    await open({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    expect(tracing()?.goOn(sound, span).traceparent).toMatch(/-00$/);
    await close();
    await open({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    expect(tracing()?.goOn(sound, span).traceparent).toMatch(/-01$/);
    expect(tracing()?.begin(span).traceparent).toMatch(/-00$/);
  });

  it('know whose work it is, across what waits, and of work that several share that it is nobody’s', async () => {
    await open({});
    const traces = tracing();
    const outer = traces?.begin(span);
    expect(traces?.traceparent).toBeUndefined();
    expect(traces?.beginBelow(span)).toBeUndefined();
    await inSpan(outer, async () => {
      await Promise.resolve();
      expect(traces?.traceparent).toBe(outer?.traceparent);
      expect(traces?.logged).toEqual({
        trace_id: outer?.traceparent.slice(3, 35),
        span_id: outer?.traceparent.slice(36, 52),
      });
      expect(traces?.beginBelow(span)?.traceparent.slice(3, 35)).toBe(outer?.traceparent.slice(3, 35));
      traces?.apart(() => expect([traces.traceparent, traces.beginBelow(span)]).toEqual([undefined, undefined]));
    });
    expect(traces?.logged).toEqual({});
  });

  it('leave a request as it is, and do not tell where it comes from', async () => {
    await open({});
    const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const byNode = () =>
      new Promise<string>((done) => get(url, (response) => response.setEncoding('utf8').once('data', done)));
    const byUndici = async () => (await fetch(url)).text();
    for (const ask of [byNode, byUndici])
      expect(await inSpan(tracing()?.begin(span), ask)).not.toContain('traceparent');
    server.closeAllConnections();
    server.close();
  });
});

it('docs/traces.md lists what a span may say', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/traces.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z._]+)` \| (.*) \|$/gm)].map(([, name, meaning]) => [name, meaning]);
  expect(Object.fromEntries(rows)).toMatchObject(spanFacts);
  expect(rows.map(([name]) => name)).toEqual(Object.keys(spanFacts));
});
