import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { UnrecoverableError } from 'bullmq';
import { pino } from 'pino';
import { jobNames, jobs } from '#contracts';
import { encodeJob } from './decode-job.js';
import { jobOptions } from './job-options.js';
import type { Handlers } from './jobs.js';
import { runJob } from './run-job.js';

const lines: string[] = [];
const logger = pino(
  { level: 'debug' },
  new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }),
);

const payload = { deliveryId: 'dlv_1', requestId: 'req_1' };
const queued = (data: unknown, name = 'deliver-sms') => ({ name, id: 'evt_1', data, attemptsMade: 0 });

function recorder() {
  const seen: unknown[] = [];
  const handlers: Handlers<'sms'> = {
    'deliver-sms': async (payload, context) => {
      seen.push([payload, context]);
    },
    'deliver-sms-notice': async () => undefined,
  };
  return { seen, handlers };
}

describe('a job', () => {
  it('reaches its handler as it was published', async () => {
    const { seen, handlers } = recorder();
    await runJob('sms', queued(encodeJob('deliver-sms', payload)), handlers, logger);
    expect(seen).toEqual([[payload, { jobId: 'evt_1', requestId: 'req_1' }]]);
    // At info, which is where the level stands: a login can be followed by it.
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 30,
      queue: 'sms',
      job: 'deliver-sms',
      jobId: 'evt_1',
      requestId: 'req_1',
      msg: 'job done',
    });
  });

  it('that only wakes somebody says so to whoever looks closely, and to nobody else', async () => {
    const woken: string[] = [];
    const handlers: Handlers<'audit'> = {
      'seal-events': async () => void woken.push('sealer'),
      'push-events': async () => void woken.push('pusher'),
    };
    await runJob('audit', queued(encodeJob('seal-events', {}), 'seal-events'), handlers, logger);
    expect(woken).toEqual(['sealer']);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 20, job: 'seal-events', msg: 'job done' });
  });

  it('is understood one version back, and no further', async () => {
    const { seen, handlers } = recorder();
    const { version } = jobs['deliver-sms'];
    await runJob('sms', queued({ ...payload, version: version - 1 }), handlers, logger);
    expect(seen).toHaveLength(1);
    for (const other of [version + 1, version - 2, String(version), undefined]) {
      const run = runJob('sms', queued({ ...payload, version: other }), handlers, logger);
      await expect(run).rejects.toBeInstanceOf(UnrecoverableError);
    }
    expect(seen).toHaveLength(1);
  });

  it('that does not parse fails for good, and its values are told nowhere', async () => {
    const { seen, handlers } = recorder();
    const poison = [
      queued({ version: 1 }),
      queued({ version: 1, deliveryId: 482_913 }),
      queued({ version: 1, deliveryId: 'dlv_1', '482913': true }),
      queued(null),
      queued('482913'),
      queued({ version: 1, ...payload }, 'deliver-email'),
      queued({ version: 1, ...payload }, 'toString'),
    ];
    lines.length = 0;
    for (const job of poison) {
      const error = await runJob('sms', job, handlers, logger).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UnrecoverableError);
      expect(String(error)).not.toContain('482913');
    }
    expect(lines).toHaveLength(poison.length);
    expect(lines.join()).not.toContain('482913');
    expect(seen).toEqual([]);
  });

  it('that fails leaves the queue nothing of what its error said', async () => {
    const fault = Object.assign(new TypeError('no route to +31612345678'), { code: '482913' });
    const fail = async () => {
      throw fault;
    };
    const run = runJob(
      'sms',
      queued({ version: 1, ...payload }),
      { 'deliver-sms': fail, 'deliver-sms-notice': fail },
      logger,
    );
    const error = (await run.catch((error: unknown) => error)) as Error;
    expect(error).not.toBeInstanceOf(UnrecoverableError);
    expect(error.message).toContain('TypeError');
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toMatch(/\+316|482913/);
    expect(error.cause).toBeUndefined();
  });
});

describe('the options of every job', () => {
  const mayComeAgain: readonly string[] = ['seal-events', 'push-events'] satisfies (keyof typeof jobs)[];

  it.each(jobNames)('%s is tried as often as the catalogue says, and leaves no stack in the queue', (name) => {
    const { attempts } = jobs[name];
    expect(jobOptions(name, 'evt_1')).toMatchObject({ jobId: 'evt_1', attempts, stackTraceLimit: 0 });
  });

  it.each(jobNames.filter((name) => !mayComeAgain.includes(name)))(
    '%s is kept for a while after its end, so that it is done once',
    (name) => {
      const { completed } = jobs[name].keepSeconds;
      expect(completed).toBeGreaterThan(0);
      expect(jobOptions(name, 'evt_1')).toMatchObject({ removeOnComplete: { age: completed } });
    },
  );

  it.each(jobNames.filter((name) => mayComeAgain.includes(name)))(
    '%s goes at its end, so that it can come again',
    (name) => {
      expect(jobOptions(name, name)).toMatchObject({ removeOnComplete: true, removeOnFail: true });
    },
  );
});
