import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Person } from './people.js';
import { Sessions, type Session } from './sessions.js';

const minute = 60_000;
const hour = 60 * minute;

const person = (accountId: string, id: string): Person => ({
  id,
  accountId,
  displayName: id,
  kind: 'person',
  email: null,
  phone: null,
  administrator: false,
  passwordHash: '',
});
const anna = person('harbour', 'anna');

const session = (more: Partial<Session> = {}): Session => ({
  person: anna,
  application: 'panel',
  signedIn: true,
  admittedBy: null,
  next: '/',
  check: null,
  enroll: null,
  enrolment: null,
  recoveryCodes: null,
  notice: null,
  ...more,
});

describe('a session of the panel', () => {
  let sessions: Sessions;
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    sessions = new Sessions();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const at = (time: number) => jest.setSystemTime(time);
  const lives = (token: string) => sessions.find(token) !== undefined;

  it('ends after an hour in which nobody used it, and use begins that hour anew', () => {
    const [used, unused] = [sessions.open(session()), sessions.open(session())];
    at(hour - 1);
    expect(lives(used)).toBe(true);
    at(hour);
    expect([lives(used), lives(unused)]).toEqual([true, false]);
    at(2 * hour - 1);
    expect(lives(used)).toBe(true);
    at(3 * hour - 1);
    expect(lives(used)).toBe(false);
    // What has ended stays so.
    at(0);
    expect([lives(used), lives(unused)]).toEqual([false, false]);
  });

  it('ends after twelve hours, however busy it is', () => {
    const token = sessions.open(session());
    for (let time = 0; time < 12 * hour; time += minute) {
      at(time);
      expect(lives(token)).toBe(true);
      sessions.change(token, { next: '/security' });
    }
    at(12 * hour - 1);
    expect(lives(token)).toBe(true);
    at(12 * hour);
    expect(lives(token)).toBe(false);
  });

  it('between both doors ends after a quarter of an hour', () => {
    const token = sessions.open(session({ signedIn: false }));
    for (const time of [5, 10, 14]) {
      at(time * minute);
      expect(lives(token)).toBe(true);
    }
    // Nothing that happens to it makes it live longer.
    sessions.change(token, { signedIn: true });
    at(15 * minute);
    expect(lives(token)).toBe(false);
  });

  it('is not changed back to life', () => {
    const token = sessions.open(session());
    sessions.end(token);
    sessions.change(token, { next: '/' });
    expect(lives(token)).toBe(false);
    expect(lives('')).toBe(false);
  });

  it('ends with what let it in: all of its person, or those that no other device has let in', () => {
    const open = () => ({
      kept: sessions.open(session()),
      byFirst: sessions.open(session({ admittedBy: 'dev_1' })),
      bySecond: sessions.open(session({ admittedBy: 'dev_2' })),
      unknown: sessions.open(session()),
      between: sessions.open(session({ signedIn: false })),
      namesake: sessions.open(session({ person: person('lighthouse', 'anna') })),
      colleague: sessions.open(session({ person: person('harbour', 'bob') })),
    });
    const living = (tokens: ReturnType<typeof open>) =>
      Object.entries(tokens).flatMap(([name, token]) => (lives(token) ? [name] : []));
    const one = open();
    sessions.endAll(anna, { but: one.kept, admittedBy: 'dev_1' });
    expect(living(one)).toEqual(['kept', 'bySecond', 'between', 'namesake', 'colleague']);
    const all = open();
    sessions.endAll(anna, { but: all.kept });
    expect(living(all)).toEqual(['kept', 'namesake', 'colleague']);
    sessions.endAll(anna);
    expect(living(all)).toEqual(['namesake', 'colleague']);
  });
});
