import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { register } from 'prom-client';
import { askedOnce, count, gauge, gaugeOfEach, observe, openMetrics } from './instruments.js';
import type { MetricRow } from './metric-row.js';
import { metrics } from './metrics.js';

const rows = Object.entries(metrics) as [string, MetricRow][];

describe('the catalogue', () => {
  it('names metrics as Prometheus would have them', () => {
    for (const [name, { type }] of rows) {
      expect(name).toMatch(/^sallyport_[a-z]+(_[a-z]+)*$/);
      expect({ name, counts: name.endsWith('_total') }).toEqual({ name, counts: type === 'counter' });
      // Base units: a time is in seconds, whatever it is of.
      expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|mb|kb)(_|$)/);
    }
  });

  it('has no label whose values have no bound', () => {
    const labels = new Set(rows.flatMap(([, row]) => Object.keys(row.labels ?? {})));
    for (const label of labels)
      expect(label).not.toMatch(/tenant|account|user|device|delivery|number|address|(^|_)id$/);
  });

  it('has no label that Prometheus gives itself', () => {
    const labels = rows.flatMap(([, row]) => Object.keys(row.labels ?? {}));
    expect(labels.filter((label) => ['job', 'instance', 'le', 'quantile'].includes(label))).toEqual([]);
  });

  it('gives each histogram bounds that rise', () => {
    for (const [name, { type, buckets = [] }] of rows) {
      expect({ name, has: buckets.length > 0 }).toEqual({ name, has: type === 'histogram' });
      expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    }
  });
});

describe('what is measured', () => {
  const removed: (() => void)[] = [];
  afterEach(() => {
    for (const remove of removed.splice(0)) remove();
    register.clear();
  });
  const text = () => register.metrics();

  it('is there before anything has happened, for what a process counts', async () => {
    openMetrics(['relay']);
    expect(await text()).toContain('# TYPE sallyport_jobs_published_total counter');
    expect(await text()).not.toContain('sallyport_delivery_attempts_total');
  });

  it('is counted and put into its bucket, by its labels', async () => {
    count('sallyport_jobs_published_total', { queue: 'sms' }, 3);
    count('sallyport_jobs_published_total', { queue: 'sms' });
    observe('sallyport_provider_answer_seconds', { channel: 'sms', route: 'vonage' }, 0.3);
    expect(await text()).toContain('sallyport_jobs_published_total{queue="sms"} 4\n');
    expect(await text()).toContain(
      'sallyport_provider_answer_seconds_bucket{le="0.25",channel="sms",route="vonage"} 0\n',
    );
    expect(await text()).toContain(
      'sallyport_provider_answer_seconds_bucket{le="0.5",channel="sms",route="vonage"} 1\n',
    );
  });

  it('is left out where it cannot be found out, and is not shown as 0', async () => {
    let fault = true;
    removed.push(
      gauge('sallyport_jobs_dead', () => (fault ? Promise.reject(new Error('away')) : 2)),
      gaugeOfEach('sallyport_queue_oldest_job_seconds', async () => {
        if (fault) throw new Error('away');
        return [[{ queue: 'sms' }, 7]];
      }),
    );
    expect(await text()).not.toMatch(/^sallyport/m);
    fault = false;
    expect(await text()).toContain('sallyport_jobs_dead 2\n');
    expect(await text()).toContain('sallyport_queue_oldest_job_seconds{queue="sms"} 7\n');
    fault = true;
    expect(await text()).not.toMatch(/^sallyport/m);
  });

  it('holds nobody up while a store hangs, and asks it once', async () => {
    let asked = 0;
    removed.push(
      gauge('sallyport_jobs_dead', () => {
        asked += 1;
        return new Promise(() => undefined);
      }),
      gauge('sallyport_outbox_oldest_seconds', () => 1),
    );
    const looks = await Promise.all([text(), text(), text()]);
    for (const look of looks) expect(look).toContain('sallyport_outbox_oldest_seconds 1\n');
    for (const look of looks) expect(look).not.toMatch(/^sallyport_jobs_dead/m);
    expect(asked).toBe(1);
  }, 20_000);

  it('is of the last one where there are two of a kind, and goes when that goes', async () => {
    const removeFirst = gauge('sallyport_jobs_dead', () => 1);
    removed.push(gauge('sallyport_jobs_dead', () => 2));
    removeFirst();
    expect(await text()).toContain('sallyport_jobs_dead 2\n');
  });

  it('is asked for once for all that ask at the same time', async () => {
    let asked = 0;
    const ask = askedOnce(async () => {
      await sleep(5);
      return (asked += 1);
    });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    expect(await ask()).toBe(2);
  });
});
