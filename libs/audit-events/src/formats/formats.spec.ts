import { describe, expect, test } from '@jest/globals';
import { eventNames } from '#contracts';
import { toCef } from './cef.js';
import { csvHeader, toCsv } from './csv.js';
import type { LoggedEvent } from './logged-event.js';
import { meanings } from './meaning-of-events.js';
import { toOcsf } from './ocsf.js';

const event = (name: string, data: Record<string, unknown> = {}): LoggedEvent => ({
  id: 'evt_1',
  type: `com.sallyport.${name}`,
  time: '2026-11-27T08:00:00.123456Z',
  sequence: 7,
  data,
});

describe('every event', () => {
  test('has a meaning, and one of the activities of its class in OCSF 1.5', () => {
    expect(Object.keys(meanings).toSorted()).toEqual([...eventNames].toSorted());
    const activities = { authentication: [1, 99], account: [1, 6, 9, 10, 11, 12, 99] };
    for (const { class: of, activity } of Object.values(meanings)) expect(activities[of]).toContain(activity);
  });

  test.each([...eventNames, 'thing.of_a_later_release'])('%s is written in each format', (name) => {
    expect(toOcsf('tnt_1', event(name))).toMatchObject({
      class_uid: expect.any(Number),
      time: 1_795_766_400_123,
      metadata: { uid: 'evt_1', event_code: name },
    });
    expect(toCef(event(name))).toMatch(/^CEF:0\|Sallyport\|Sallyport\|1\|[a-z_.]+\|[A-Z][a-z ]+\|(?:1|4|6|8)\|rt=\d+ /);
    expect(toCsv([event(name)])).toMatch(/^7,2026-11-27T08:00:00.123456Z,[a-z_.]+,evt_1,/);
  });
});

test('OCSF says who, how it ended, from where, and keeps what it has no place for', () => {
  const data = { accountId: 'acme', userId: 'jana', purpose: 'login', reason: 'x', personal: { ip: '192.0.2.1' } };
  expect(toOcsf('tnt_1', event('login.denied', data))).toMatchObject({
    class_uid: 3002,
    activity_id: 1,
    type_uid: 300_201,
    severity_id: 3,
    status: 'Failure',
    status_detail: 'x',
    user: { uid: 'jana', org: { uid: 'acme' } },
    src_endpoint: { ip: '192.0.2.1' },
    unmapped: data,
  });
  expect(toOcsf('tnt_1', event('lockout.started'))).toMatchObject({
    class_uid: 3001,
    activity_id: 9,
    type_uid: 300_109,
  });
});

test('CEF escapes what would end a field', () => {
  const line = toCef(event('user.created', { userId: 'a=b|c\\d\ne', accountId: 'acme' }));
  expect(line).toContain(' duid=a\\=b|c\\\\d\\ne ');
  expect(line).toContain(' cs1Label=accountId cs1=acme ');
  expect(line.split('\n')).toHaveLength(1);
});

describe('CSV', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('starts no formula with %j', (text) => {
    const cells = toCsv([event('user.created', { userId: text })]);
    expect(cells).toContain(`'${text}`);
  });

  test('quotes what has commas, quotes and lines', () => {
    expect(toCsv([event('user.created', { userId: 'a,"b"\nc' })])).toContain(',"a,""b""\nc",');
    expect(csvHeader()).toMatch(/^sequence,time,type,id,accountId,.*,data\r\n$/);
  });
});
