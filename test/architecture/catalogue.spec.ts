import { describe, expect, it } from '@jest/globals';
import { eventNames, events, jobNames, jobs, queueNames } from '#contracts';
import { findAll, readSources } from '../support/sources.js';

const sources = readSources();
const apps = sources.filter(({ path }) => path.startsWith('apps/'));
const processor = /@Processor\('([\w-]+)'/g;
const appOf = (path: string) => path.split('/')[1];

describe('the catalogue of jobs', () => {
  // A `JobProcessor` has a handler for each job of its queue, or it does not compile: one processor is one handler each.
  it.each(queueNames)('has one app that takes the queue %s', (queue) => {
    const processors = findAll(apps, processor).filter(({ found }) => found === queue);
    expect(processors).toHaveLength(1);
  });

  it.each(jobNames)('has one handler of %s, in the app that takes its queue', (job) => {
    const handlers = findAll(apps, /'([\w-]+)':/g).filter(({ found }) => found === job);
    const takers = findAll(apps, processor).filter(({ found }) => found === jobs[job].queue);
    expect(handlers.map(({ path }) => appOf(path))).toEqual(takers.map(({ path }) => appOf(path)));
  });

  it('has no job that no event or delivery starts', () => {
    const started = new Set<string>(eventNames.flatMap((name) => events[name].jobs));
    const written = jobNames.filter((job) => started.has(job) || isWritten(job));
    expect(written).toEqual(jobNames);
  });
});

describe('the catalogue of events', () => {
  it.each(eventNames)('has a writer of %s', (name) => {
    expect(isWritten(name)).toBe(true);
  });

  it.each(eventNames)('routes %s to jobs that exist', (name) => {
    for (const job of events[name].jobs) expect(jobNames).toContain(job);
  });
});

/** Whether a name stands as a literal outside the catalogue. */
function isWritten(name: string): boolean {
  return sources.some(({ path, text }) => !path.startsWith('libs/contracts/') && text.includes(`'${name}'`));
}
