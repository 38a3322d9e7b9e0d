import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { formatVkey, verifierKey } from '#audit-log';
import { WatchedLogs } from './watched-logs.js';

const { publicKey } = generateKeyPairSync('ed25519');
const line = (name: string) => formatVkey(verifierKey(name, 'ed25519', publicKey));
const installation = '2fa.example.com/audit';

describe('the logs that a witness watches', () => {
  const logs = WatchedLogs.parse(
    `# two installations\n${line('a.example/log')}\r\n\n  * ${line(`${installation}/tnt_1`)}\n`,
  );

  it('are known by their origins', () => {
    expect(logs.keysOf('a.example/log')).toMatchObject([{ name: 'a.example/log', type: 'ed25519' }]);
    for (const stranger of ['a.example', 'a.example/log/tnt_1', 'a.example/lo', '', 'A.example/log', '__proto__'])
      expect(logs.keysOf(stranger)).toEqual([]);
  });

  it('are those of every tenant, where a star says so: each under a key of its own origin', () => {
    for (const tenant of ['tnt_1', 'tnt_2', 'a'.repeat(233)])
      expect(logs.keysOf(`${installation}/${tenant}`).map(formatVkey)).toEqual([line(`${installation}/${tenant}`)]);
    const others = ['', '/', '/a/b', '/a b', '/*', 'x/tnt_1', '/tnt_1\n', `/${'a'.repeat(234)}`, '//tnt_1'];
    expect(others.filter((other) => logs.keysOf(installation + other).length > 0)).toEqual([]);
  });

  it('may change their keys: the old one and the new one are known', () => {
    const next = formatVkey(verifierKey('a.example/log', 'ed25519', generateKeyPairSync('ed25519').publicKey));
    expect(WatchedLogs.parse(`${line('a.example/log')}\n${next}`).keysOf('a.example/log')).toHaveLength(2);
    expect(WatchedLogs.parse(`${line('a.example/log')}\n* ${next}`).keysOf('a.example/log')).toHaveLength(2);
  });

  it.each([
    ['nothing', '', 'names a file without a key'],
    ['a comment', '# nothing\n\n', 'names a file without a key'],
    ['words', `${line('a.example/log')}\nnonsense`, 'line 2 of its file is no public key. It is not written as'],
    ['another name', line('a.example/log').replace('a.', 'b.'), 'Its id does not fit its name and key.'],
    ['a star alone', '*', 'line 1 of its file is no public key'],
    ['a star before a name without a tenant', `* ${line('a.example')}`, 'its name ends with a slash and a tenant'],
  ])('are not read from %s', (_, text, words) => {
    expect(() => WatchedLogs.parse(text)).toThrow(words);
  });
});
