import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTraceCollector, type TraceCollector } from '../../support/trace-collector.js';
import { startProcess, tenantOf, tracedBy } from '../../support/traced-processes.js';
import { sql } from '../../support/worker-roles.js';

/** Traces in the hands of others: whatever callers send, and whatever the collector does, calls are answered. */

let collector: TraceCollector;
let folder: string;
beforeAll(async () => {
  collector = await startTraceCollector();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-traces-'));
});
afterAll(async () => {
  await collector.close();
  await rm(folder, { recursive: true });
});

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const sound = `00-${id}-00f067aa0ba902b7-01`;
const stored = () =>
  sql<{ traceparent: string | null }>(
    `select payload ->> 'traceparent' as traceparent from outbox order by created_at`,
  );

describe('a header of a caller', () => {
  test('that cannot be read is passed over, and what is stored is always of 55 characters', async () => {
    const gateway = await startProcess('gateway', tracedBy(collector.url));
    const { call } = await tenantOf(gateway);
    await call('PUT', '/v1/accounts/a', {});
    await call('PUT', '/v1/accounts/a/users/u', { kind: 'person', email: 'u@panel.example' });
    let number = 31_612_345_000;
    /** Adds a phone, which leaves a job. @returns the status, and where the trace of that job goes on */
    const add = async (headers: Record<string, string>) => {
      const body = { method: 'sms', name: 'Phone', phone: `+${(number += 1)}` };
      await call('PUT', `/v1/accounts/a/users/u${number}`, { kind: 'person' });
      const { status } = await call('POST', `/v1/accounts/a/users/u${number}/devices`, body, headers);
      return { status, traceparent: (await stored()).at(-1)?.traceparent ?? '' };
    };
    const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
    const unreadable = [
      'garbage',
      sound.toUpperCase().replace('00-', '00_'),
      sound.slice(0, -1),
      `${sound}-${'a'.repeat(8000)}`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${id}-${'0'.repeat(16)}-01`,
      `ff-${id}-00f067aa0ba902b7-01`,
      `${sound}, ${sound}`,
      "00-' or 1=1 --",
    ];
    for (const header of unreadable) {
      const { status, traceparent } = await add({ traceparent: header });
      expect([header, status]).toEqual([header, 201]);
      expect(traceparent).toMatch(form);
      expect(traceparent).not.toContain(id);
    }
    // All flags, a version to come, and a tracestate as long as a header may be.
    const ofLater = `cc-${id}-00f067aa0ba902b7-ff-what-comes-later`;
    for (const header of [sound, sound.replace(/01$/, 'ff'), ofLater]) {
      const { status, traceparent } = await add({ traceparent: header, tracestate: `a=${'b'.repeat(6000)}` });
      expect([header, status]).toEqual([header, 201]);
      expect(traceparent).toMatch(form);
      expect(traceparent.slice(3, 35)).toBe(id);
      expect(traceparent.slice(36, 52)).not.toBe('00f067aa0ba902b7');
    }
    // A caller that keeps its trace out: nothing is told, and whoever goes on knows.
    const quiet = await add({ traceparent: sound.replace(/01$/, '00').replaceAll('4bf9', '1bf9') });
    expect(quiet.traceparent).toMatch(/-00$/);
    expect((await gateway.end('SIGTERM')).status).toBe(0);
    expect(collector.spans.some(({ traceId }) => traceId === id)).toBe(true);
    expect(collector.spans.some(({ traceId }) => traceId === id.replaceAll('4bf9', '1bf9'))).toBe(false);
  });
});

describe('a collector', () => {
  test.each(['hangs', 'refuses'] as const)('that %s delays no call, and no end of a process', async (how) => {
    collector.behave(how);
    const came = collector.raw.length;
    const gateway = await startProcess('gateway', tracedBy(collector.url));
    const { call } = await tenantOf(gateway);
    for (let n = 0; n < 50; n += 1) expect((await call('PUT', `/v1/accounts/${how}-${n}`, {})).status).toBe(200);
    expect(collector.raw.length).toBeGreaterThan(came);
    const { status, ms } = await gateway.end('SIGTERM');
    expect(status).toBe(0);
    // A half of what a process has to end in; a hanging export alone would take all of it.
    expect(ms).toBeLessThan(15_000);
    const told = gateway.logs.filter(({ msg }) => msg?.startsWith('the collector does not take traces'));
    expect(told.length).toBeLessThanOrEqual(1);
    if (how === 'refuses') expect(told).toHaveLength(1);
    collector.behave('takes');
  });

  test('that is not there is told of once', async () => {
    const gateway = await startProcess('gateway', tracedBy('http://127.0.0.1:9'));
    const { call } = await tenantOf(gateway);
    for (let n = 0; n < 50; n += 1) expect((await call('PUT', `/v1/accounts/gone-${n}`, {})).status).toBe(200);
    expect((await gateway.end('SIGTERM')).status).toBe(0);
  });
});

describe('without a setting', () => {
  /** @returns packages of OpenTelemetry that a gateway loads until it has answered a call */
  const loadedBy = async (name: string, env: Record<string, string>) => {
    const file = join(folder, name);
    const hook = pathToFileURL(join(import.meta.dirname, '../../support/loaded-packages.mjs')).href;
    const gateway = await startProcess('gateway', { ...env, NODE_OPTIONS: `--import ${hook}`, LOADED_PACKAGES: file });
    const { call } = await tenantOf(gateway);
    await call('PUT', `/v1/accounts/${name}`, {});
    await call('PUT', `/v1/accounts/${name}/users/u`, { kind: 'person' });
    const phone = { method: 'sms', name: 'Phone', phone: '+31612345678' };
    const added = await call('POST', `/v1/accounts/${name}/users/u/devices`, phone, { traceparent: sound });
    expect(added.status).toBe(201);
    await gateway.end('SIGTERM');
    return [...new Set((await readFile(file, 'utf8')).trim().split('\n'))].toSorted();
  };

  test('nothing is told, stored or loaded', async () => {
    const came = collector.raw.length;
    // prom-client loads the interfaces of OpenTelemetry by itself.
    expect(await loadedBy('off', {})).toEqual(['@opentelemetry/api']);
    const none = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_EXPORTER: 'none' };
    expect(await loadedBy('none', none)).toEqual(['@opentelemetry/api']);
    expect(collector.raw.length).toBe(came);
    expect(await stored()).toEqual([{ traceparent: null }, { traceparent: null }]);
    // With one they are: the list can tell.
    expect(await loadedBy('on', tracedBy(collector.url))).toContain('@opentelemetry/sdk-trace');
    expect((await stored()).at(-1)?.traceparent).toContain(id);
  });

  test('a wrong one ends the start with a line that says how to mend it', async () => {
    const wrong = startProcess('gateway', { ...tracedBy(collector.url), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    await expect(wrong).rejects.toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf/);
  });
});
