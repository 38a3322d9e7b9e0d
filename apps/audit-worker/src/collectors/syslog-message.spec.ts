import { describe, expect, test } from '@jest/globals';
import type { LogRow } from '#audit-events';
import { eventNames } from '#contracts';
import { parseSyslog, readFrames } from '../../../../test/support/rfc5424.js';
import { octetCounted, syslogMessage, type Header } from './syslog-message.js';

const row: LogRow = {
  id: 'evt_1',
  tenantId: 'tnt_1',
  tx: '1',
  type: 'login.denied',
  time: '2026-11-27T08:00:00.123456Z',
  accountId: null,
  userId: null,
  userRef: null,
  requestId: null,
  data: {},
  personalSealed: null,
  sequence: 7,
  leafHash: Buffer.alloc(32),
  eventKeySealed: null,
};
const header: Header = { facility: 'authpriv', hostname: 'host', structuredDataId: 'sallyport@32473' };

describe('a message of syslog', () => {
  test('is this text', () => {
    expect(syslogMessage(row, '{"n":1}', header)).toBe(
      '<84>1 2026-11-27T08:00:00.123456Z host sallyport - login.denied [sallyport@32473 tenant="tnt_1" sequence="7" event="evt_1"] {"n":1}',
    );
  });

  test('begins its text with a BOM where it is not ASCII', () => {
    expect(parseSyslog(syslogMessage(row, 'ü', header))).toMatchObject({ isMarked: true, text: 'ü' });
    expect(parseSyslog(syslogMessage(row, 'u', header))).toMatchObject({ isMarked: false, text: 'u' });
  });

  test('is one line, whatever is in its parts', () => {
    const hostile = 'a"b]c\\d\n<13>1 - - - - - - forged\r\0\u001b[31m';
    const message = syslogMessage({ ...row, tenantId: hostile, id: hostile }, hostile, header);
    expect(message).not.toMatch(/[\n\r\0\u001b]/); // oxlint-disable-line no-control-regex
    const { structured, text } = parseSyslog(message);
    const escaped = 'a"b]c\\d\\u000a<13>1 - - - - - - forged\\u000d\\u0000\\u001b[31m';
    expect(structured).toEqual({ 'sallyport@32473': { tenant: escaped, sequence: '7', event: escaped } });
    expect(text).toBe(escaped);
  });

  test.each([...eventNames, 'a thing.of a later release with a long name', ''])('has a message id for %s', (type) => {
    const { messageId } = parseSyslog(syslogMessage({ ...row, type: `com.sallyport.${type}` }, '', header));
    expect(eventNames.some((name) => name === type) ? messageId : type).toBe(type);
  });

  test.each([
    ['challenge.replayed', 3],
    ['login.denied', 4],
    ['device.removed', 5],
    ['login.allowed', 6],
  ])('%s has severity %i', (type, severity) => {
    expect(parseSyslog(syslogMessage({ ...row, type }, '', header)).severity).toBe(severity);
  });

  test('stands after its length in bytes', () => {
    const messages = ['<84>1 ü', 'two\nlines 7 more', ''].map((text) => syslogMessage(row, text, header));
    expect(readFrames(Buffer.concat(messages.map(octetCounted)))).toEqual(messages);
  });
});
