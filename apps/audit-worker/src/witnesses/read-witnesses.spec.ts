import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { formatVkey, verifierKey } from '#audit-log';
import { SettingsError } from '#runtime';
import { parseWitnesses } from './read-witnesses.js';

const publicKey = () => generateKeyPairSync('ed25519').publicKey;
const own = publicKey();
const vkey = (name: string, key = publicKey()) => formatVkey(verifierKey(name, 'cosignature/v1', key));
const [first, second] = [vkey('witness.example/w1'), vkey('witness.example/w2')];
const plain = formatVkey(verifierKey('2fa.example.com/audit/tnt_1', 'ed25519', publicKey()));

describe('AUDIT_WITNESSES', () => {
  it('names each by its key and its address, with commas or new lines between', () => {
    const list = `${first} https://w1.example/,\n  ${second}   http://10.0.0.7:3003/a/path//\n`;
    const { all, quorum } = parseWitnesses(list, undefined, own);
    expect(all.map(({ key, url }) => [formatVkey(key), url])).toEqual([
      [first, 'https://w1.example'],
      [second, 'http://10.0.0.7:3003/a/path'],
    ]);
    expect([quorum, parseWitnesses(list, 1, own).quorum]).toEqual([2, 1]);
    expect(parseWitnesses('', undefined, own)).toEqual({ all: [], quorum: 0 });
  });

  it.each<[string, string, number | undefined, RegExp]>([
    ['an address alone', 'https://w1.example', undefined, /witness 1 is not written as/],
    ['three words', `${first} https://w1.example 2`, undefined, /witness 1 is not written as/],
    ['a key that is none', 'w1+00000000+AAAA https://w1.example', undefined, /witness 1 has no public key\. /],
    ['a key that tells no time', `${plain} https://w1.example`, undefined, /does not tell the time/],
    ['another scheme', `${first} ftp://w1.example`, undefined, /has no http/],
    ['a password', `${first} https://a:b@w1.example`, undefined, /without password/],
    ['a password alone', `${first} https://:b@w1.example`, undefined, /without password/],
    ['a query', `${first} https://w1.example?a=b`, undefined, /without password, query/],
    ['no address', `${first} w1.example`, undefined, /has no http/],
    ['the key of the logs', `${vkey('w1', own)} https://w1.example`, undefined, /no witness of itself/],
    ['one twice', `${first} https://w1.example,${first} https://w2.example`, undefined, /witness 2 has the name or/],
    [
      'one name for two',
      `${first} http://a,${vkey('witness.example/w1')} http://b`,
      undefined,
      /witness 2 has the name/,
    ],
    ['a quorum of more', `${first} https://w1.example`, 2, /QUORUM is 2, and AUDIT_WITNESSES names 1\./],
    ['a quorum of none', '', 1, /QUORUM is 1, and AUDIT_WITNESSES names 0\./],
  ])('refuses %s in one line', (_, list, quorum, words) => {
    const parse = () => parseWitnesses(list, quorum, own);
    expect(parse).toThrow(SettingsError);
    expect(parse).toThrow(words);
    expect(parse).toThrow(/^[^\n]+$/);
  });
});
