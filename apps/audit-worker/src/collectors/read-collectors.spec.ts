import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { SettingsError } from '#runtime';
import { parseCollectors } from './read-collectors.js';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-collectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const tokenFile = file('token', 'secret-token\n');

const syslog = { name: 'siem', kind: 'syslog', host: 'siem.example' };
const hec = { name: 'splunk', kind: 'hec', url: 'https://splunk.example:8088/', tokenFile };
const read = (...entries: object[]) => parseCollectors(JSON.stringify(entries));

describe('AUDIT_COLLECTORS', () => {
  test('names collectors, each with what is usual where it is left out', () => {
    const [first, second] = read({ ...syslog, types: ['device.*', 'login.denied'], caFile: tokenFile }, hec);
    expect(first).toMatchObject({
      port: 6514,
      format: 'ocsf',
      facility: 'authpriv',
      structuredDataId: 'sallyport@32473',
      maxBytes: 8192,
      from: 'now',
      tls: { ca: 'secret-token\n' },
    });
    expect([...(first?.types ?? [])]).toEqual(expect.arrayContaining(['device.verified', 'login.denied']));
    expect(first?.types?.has('login.allowed')).toBe(false);
    expect(second).toMatchObject({
      url: 'https://splunk.example:8088',
      token: 'secret-token',
      acknowledge: true,
      gzip: false,
    });
    expect(read()).toEqual([]);
    expect(read({ ...hec, url: 'http://127.0.0.1:8088' })).toHaveLength(1);
  });

  const one = /^AUDIT_COLLECTORS: collector 1: /;
  test.each<[string, object, RegExp]>([
    ['another kind', { ...syslog, kind: 'udp' }, /kind/],
    ['no name', { ...syslog, name: undefined }, one],
    ['a name with spaces', { ...syslog, name: 'a b' }, /name: must be/],
    ['an option that there is not', { ...syslog, tls: false }, one],
    ['a type that there is not', { ...syslog, types: ['login.danied'] }, /types\.0: must be an event type/],
    ['a port out of range', { ...syslog, port: 70_000 }, one],
    ['CSV', { ...syslog, format: 'csv' }, one],
    ['structured data without a number', { ...syslog, structuredDataId: 'mine' }, /structuredDataId/],
    ['structured data that ends itself', { ...syslog, structuredDataId: 'a]b@1' }, /structuredDataId/],
    ['a host name with spaces', { ...syslog, hostname: 'a b' }, /hostname/],
    ['a token in the clear over a network', { ...hec, url: 'http://splunk.example' }, /url: must be an https/],
    ['a name that only looks local', { ...hec, url: 'http://127.0.0.1.example' }, /url: must be an https/],
    ['a password in the address', { ...hec, url: 'https://a:secret-token@splunk.example' }, /url: must be an https/],
    [
      'a certificate without its key',
      { ...syslog, certificateFile: tokenFile },
      /siem needs certificateFile and keyFile/,
    ],
    ['a file that is not there', { ...syslog, caFile: join(folder, 'none') }, /cannot be read \(ENOENT\)/],
    ['an empty token', { ...hec, tokenFile: file('empty', '\n') }, /holds no token/],
  ])('refuses %s', (_, entry, words) => {
    expect(() => read(entry)).toThrow(SettingsError);
    expect(() => read(entry)).toThrow(words);
    expect(() => read(entry)).not.toThrow(/secret-token/);
  });

  test('refuses two of one name, and what is no list', () => {
    expect(() => read(syslog, { ...hec, name: 'siem' })).toThrow('two collectors have the name siem');
    for (const text of ['{}', 'siem', '']) expect(() => parseCollectors(text)).toThrow('must hold a list');
  });
});
