import { describe, expect, test } from '@jest/globals';
import type { LogRow } from '#audit-events';
import { eventText } from './event-text.js';

const formats = ['cef', 'ocsf', 'cloudevents', 'ndjson'] as const;

const row = (data: Record<string, unknown>, accountId = 'acme', userId = 'jana'): LogRow => ({
  id: 'evt_00000000000000000000000001',
  tenantId: 'tnt_00000000000000000000000001',
  tx: '1',
  type: 'challenge.max_attempts_reached',
  time: '2026-11-27T08:00:00.123456Z',
  accountId,
  userId,
  userRef: 'usr_1',
  requestId: 'req_1',
  data,
  personalSealed: Buffer.from('sealed'),
  sequence: 7,
  leafHash: Buffer.alloc(32),
  eventKeySealed: null,
});

describe.each(formats)('%s', (format) => {
  test('is one line, and nothing is left out of one that fits', () => {
    const text = eventText(row({ reason: 'a\nb', n: 1 }), format, 8192);
    expect(text).not.toContain('\n');
    expect(text).not.toContain('shortened');
    if (format !== 'cef') expect(JSON.stringify(JSON.parse(text))).toContain('"n":1');
  });

  const long = '\u{1f600}'.repeat(3000);
  test.each<[string, LogRow]>([
    ['a long value', row({ reason: 'r', text: long })],
    ['a value that is kept where it is short', row({ reason: long })],
    ['long names', row({ reason: 'r' }, long, long)],
    [
      'all of it long, and escaped',
      row(Object.fromEntries(['reason', 'method', 'actor'].map((n) => [n, long])), long, long),
    ],
    [
      'what is just short enough, and escaped',
      row({
        ...Object.fromEntries(
          ['deviceId', 'challengeId', 'method', 'purpose', 'reason', 'actor'].map((n) => [n, '\u20ac'.repeat(64)]),
        ),
        text: long,
      }),
    ],
  ])('that is too long for %s is whole and says that it is not all', (_, event) => {
    const text = eventText(event, format, 2048);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
    if (format === 'cef') expect(text).toMatch(/^CEF:0\|.* msg=.*"shortened":true/);
    else if (format === 'ndjson') expect(Object.keys(JSON.parse(text) as object)).toEqual(['index', 'leafHash']);
    else expect(JSON.stringify(JSON.parse(text))).toContain('"shortened":true');
  });
});

test('JSON is ASCII, which needs no BOM; a sealed line stays as it was hashed', () => {
  const event = row({ reason: 'ü\u2028😀' });
  for (const format of ['ocsf', 'cloudevents'] as const) {
    const text = eventText(event, format, 8192);
    expect(text).toMatch(/^[ -~]+$/);
    expect(JSON.stringify(JSON.parse(text))).toContain('ü\u2028😀');
  }
  expect(eventText(event, 'ndjson', 8192)).toContain('"reason":"ü\u2028😀"');
});

test('what is personal is not opened', () => {
  for (const format of ['cef', 'ocsf', 'cloudevents'] as const)
    expect(eventText(row({ n: 1 }), format, 8192)).not.toMatch(/personal"?:\{/);
});
