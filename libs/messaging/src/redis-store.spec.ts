import { describe, expect, it } from '@jest/globals';
import { optionalSetting } from '#runtime';
import { parseRedisUrl } from './redis-store.js';

const plain = { kind: 'single', sentinel: null, username: null, password: null, database: 0, tls: false };

describe('addresses of Redis', () => {
  it.each([
    ['redis://localhost', { ...plain, nodes: [{ host: 'localhost', port: 6379 }] }],
    ['redis://localhost:6380/2', { ...plain, nodes: [{ host: 'localhost', port: 6380 }], database: 2 }],
    [
      'rediss://panel:p%40ss@cache.example',
      { ...plain, nodes: [{ host: 'cache.example', port: 6379 }], username: 'panel', password: 'p@ss', tls: true },
    ],
    ['redis://:secret@[::1]:6379/', { ...plain, nodes: [{ host: '::1', port: 6379 }], password: 'secret' }],
    [
      'redis://:secret@s1:26379,s2:26380/1?sentinel=main',
      {
        ...plain,
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 26_380 },
        ],
        sentinel: 'main',
        password: 'secret',
        database: 1,
      },
    ],
    [
      'rediss://n1,n2:7001?cluster=true',
      {
        ...plain,
        kind: 'cluster',
        nodes: [
          { host: 'n1', port: 6379 },
          { host: 'n2', port: 7001 },
        ],
        tls: true,
      },
    ],
  ])('%s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
    expect(optionalSetting('QUEUE_URL', { QUEUE_URL: url })).toBe(url);
  });

  it.each([
    'redis://',
    'redis://host:99999',
    'redis://host/x',
    'redis://a,b?cluster=true&sentinel=m',
    'redis://a/3?cluster=true',
    'redis://a?family=6',
  ])('%s is refused without its password', (url) => {
    expect(() => parseRedisUrl(url.replace('//', '//:geheim@'))).toThrow(/^QUEUE_URL/);
    expect(() => parseRedisUrl(url.replace('//', '//:geheim@'))).not.toThrow('geheim');
  });
});
