import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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
    expect(cells).toContain(`,'${text.slice(0, 1)}`);
  });

  /** Cells as a spreadsheet parts them: quotes count at the beginning of a cell only. */
  function cellsOf(text: string, separator: string): string[] {
    const cells: string[] = [];
    for (let at = 0; at < text.length;) {
      const isQuoted = text[at] === '"';
      let cell = '';
      if (isQuoted) {
        for (at += 1; at < text.length && !(text[at] === '"' && text[at + 1] !== '"'); at += 1) {
          cell += text[at];
          if (text[at] === '"') at += 1;
        }
        at += 1;
      }
      for (; at < text.length && text[at] !== separator && !/[\r\n]/.test(text[at] ?? ''); at += 1) cell += text[at];
      cells.push(cell);
      at += 1;
    }
    return cells;
  }
  const startsFormula = (cell: string) => /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell);

  test('starts no formula in any cell, by whatever sign a spreadsheet parts them', () => {
    const pieces = [
      '=',
      '+',
      '-',
      '@',
      '\uff1d',
      '\uff0b',
      '\uff0d',
      '\uff20',
      ';',
      ',',
      '\t',
      '\r',
      '\n',
      '"',
      "'",
      ' ',
      'a',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
    const written = (value: string) => toCsv([event('user.created', { userId: value, actor: value, reason: value })]);
    fc.assert(
      fc.property(text, fc.constantFrom(',', ';', '\t'), (value, separator) => {
        expect(cellsOf(written(value), separator).filter(startsFormula)).toEqual([]);
      }),
      { numRuns: 5000 },
    );
    const [data = ''] = cellsOf(written('x;=1+1'), ',').filter((cell) => cell.startsWith('{'));
    expect(JSON.parse(data)).toMatchObject({ userId: 'x;=1+1' });
  });

  test('quotes what has commas, quotes and lines', () => {
    expect(toCsv([event('user.created', { userId: 'a,"b"\nc' })])).toContain(',"a,""b""\nc",');
    expect(csvHeader()).toMatch(/^sequence,time,type,id,accountId,.*,data\r\n$/);
  });
});
