import { describe, expect, it } from '@jest/globals';
import { jobs } from '#contracts';
import type { Publication } from './jobs.js';
import { QueueTurns } from './queue-turns.js';
import { mostTurns, Turns } from './turns.js';

const many = (turns: Turns, line: string, count: number) => Array.from({ length: count }, () => turns.take(line));

describe('turns', () => {
  it('give each line one job in each of them', () => {
    const turns = new Turns();
    turns.begin(0);
    expect([...many(turns, 'loud', 3), ...many(turns, 'quiet', 2)]).toEqual([1, 2, 3, 1, 2]);
    turns.begin(2);
    expect([turns.take('loud'), turns.take('quiet'), turns.take('new')]).toEqual([4, 3, 2]);
  });

  it('begin anew with an empty queue, and with one that was emptied meanwhile', () => {
    const turns = new Turns();
    turns.begin(0);
    many(turns, 'loud', 500);
    turns.begin(0);
    expect(turns.take('loud')).toBe(1);
    turns.begin(300);
    many(turns, 'loud', 500);
    turns.begin(20);
    expect(turns.take('loud')).toBe(20);
  });

  it('come to an end, and begin anew before what waits there', () => {
    const turns = new Turns();
    turns.begin(mostTurns - 1);
    expect([...many(turns, 'loud', 3), turns.take('quiet')]).toEqual([
      mostTurns - 1,
      mostTurns,
      mostTurns,
      mostTurns - 1,
    ]);
    turns.begin(mostTurns);
    expect([turns.take('loud'), turns.take('quiet')]).toEqual([1, 1]);
  });
});

describe('the turns of a queue', () => {
  const code = jobs['deliver-sms'].priority;
  const notice = jobs['deliver-sms-notice'].priority;
  const waiting = (name: string, priority: number, attemptsStarted = 0) => ({ name, priority, attemptsStarted });
  const publication = (line: string, job = 'deliver-sms') => ({ job, id: 'evt_1', payload: {}, line }) as Publication;
  /** @param waits what stands at the head of the queue, and may be changed */
  const queue = (waits: object[]) => new QueueTurns({ getJobs: async () => waits as never });

  it('go on from the first job that nobody has begun', async () => {
    const turns = queue([waiting('deliver-sms', code + 3, 1), waiting('deliver-sms', code + 70)]);
    expect(await turns.take([publication('one'), publication('two'), publication('one')])).toEqual([70, 70, 71]);
  });

  it('are of no concern to jobs in no line, and none is looked at for them', async () => {
    const blind = new QueueTurns({ getJobs: () => Promise.reject(new Error('looked')) });
    expect(await blind.take([{ job: 'seal-events', id: 'seal-events', payload: {} }])).toEqual([0]);
  });

  it('of codes end before those of notices, whatever their number', () => {
    expect(code + mostTurns).toBeLessThan(notice);
    // BullMQ takes none above.
    expect(notice + mostTurns).toBeLessThan(2 ** 21);
  });

  it('of notices stand still behind codes', async () => {
    const waits = [waiting('deliver-sms-notice', notice + 40)];
    const turns = queue(waits);
    const notices = [publication('one', 'deliver-sms-notice')];
    expect(await turns.take(notices)).toEqual([40]);
    waits.splice(0, 1, ...Array.from({ length: 10 }, () => waiting('deliver-sms', code + 5)));
    expect(await turns.take([...notices, publication('one')])).toEqual([41, 5]);
    // The codes are gone, and so are the notices before this one.
    waits.splice(0, 10, waiting('deliver-sms-notice', notice + 90));
    expect(await turns.take([...notices, publication('one')])).toEqual([90, 1]);
  });

  it('take a job of the release before for the first', async () => {
    const turns = queue([waiting('deliver-sms-notice', 10)]);
    expect(await turns.take([publication('one', 'deliver-sms-notice')])).toEqual([1]);
  });
});
