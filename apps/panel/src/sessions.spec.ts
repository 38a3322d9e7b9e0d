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

/** The panel's front door, opened by this device. */
const by = (deviceId: string | null) => ({ panel: { deviceId, challengeId: null } });
const between = { admissions: {}, login: { application: 'panel', enroll: null } };

const session = (more: Partial<Session> = {}): Session => ({
  person: anna,
  admissions: by(null),
  login: null,
  next: '/',
  check: null,
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
    const token = sessions.open(session(between));
    for (const time of [5, 10, 14]) {
      at(time * minute);
      expect(lives(token)).toBe(true);
    }
    // Nothing that happens to it makes it live longer.
    sessions.change(token, { admissions: by(null), login: null });
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

  it('ends with what let it in: all of its person, or those that no device has let in', () => {
    const open = () => ({
      kept: sessions.open(session()),
      byFirst: sessions.open(session({ admissions: by('dev_1') })),
      bySecond: sessions.open(session({ admissions: by('dev_2') })),
      unknown: sessions.open(session()),
      between: sessions.open(session(between)),
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

  it('is found by the token before for ten seconds, under its new one', () => {
    const first = sessions.open(session(between));
    const second = sessions.succeed(session(), first);
    const third = sessions.succeed(session(), second);
    expect([lives(first), lives(second), lives(third)]).toEqual([false, false, true]);
    expect(sessions.newest(first)).toBe(third);
    at(10_000 - 1);
    expect(sessions.newest(second)).toBe(third);
    at(10_000);
    expect([sessions.newest(first), sessions.newest(second)]).toEqual([first, second]);
    expect(sessions.newest(third)).toBe(third);
  });

  it('that has ended is found by no token, and one that was opened anew not by the one before', () => {
    const first = sessions.open(session(between));
    const second = sessions.succeed(session(), first);
    const other = sessions.open(session(), second);
    expect(sessions.newest(second)).toBe(second);
    expect(lives(sessions.newest(first))).toBe(false);
    sessions.end(other);
    expect(lives(other)).toBe(false);
  });

  it('keeps the front doors that something else has opened, and lives no longer for another one', () => {
    const emergency = { 'emergency-service': { deviceId: 'dev_2', challengeId: null } };
    const one = sessions.open(session({ admissions: by('dev_1') }));
    for (let time = 0; time <= 11 * hour; time += hour / 2) {
      at(time);
      expect(lives(one)).toBe(true);
    }
    const both = sessions.open(session({ admissions: { ...by('dev_1'), ...emergency } }), one);
    sessions.endAll(anna, { admittedBy: 'dev_1' });
    expect(sessions.find(both)?.admissions).toEqual(emergency);
    sessions.closeDoor(both, 'panel');
    expect(sessions.find(both)?.admissions).toEqual(emergency);
    for (const minutes of [30, 59]) {
      at(11 * hour + minutes * minute);
      expect(lives(both)).toBe(true);
    }
    at(12 * hour);
    expect(lives(both)).toBe(false);

    at(0);
    const last = sessions.open(session({ admissions: emergency }));
    sessions.closeDoor(last, 'emergency-service');
    expect(lives(last)).toBe(false);
  });
});
