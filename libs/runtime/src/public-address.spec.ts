import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, mayBeCalled, parseAllowPrivate, urlOfEndpoint } from './public-address.js';

const nothing = { allowPrivate: false };
const read = (text: string, allow = 'false') => {
  const url = urlOfEndpoint(text, { allowPrivate: parseAllowPrivate(allow) ?? false });
  return url instanceof URL ? url.href : url;
};

describe('public addresses', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s is one',
    (ip) => expect(isPublicAddress(ip)).toBe(true),
  );

  it.each([
    ['this machine', '127.0.0.1 127.255.255.254 ::1 0.0.0.0 0.1.2.3 ::'],
    ['private networks', '10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fdff::1 fec0::1'],
    ['between provider and customer', '100.64.0.1 100.127.255.255'],
    ['link-local, with the metadata of clouds', '169.254.169.254 fe80::1 fe80::1%eth0 fd00:ec2::254'],
    ['multicast and broadcast', '224.0.0.1 239.255.255.255 255.255.255.255 ff02::1'],
    ['reserved', '240.0.0.1 192.0.0.1 192.88.99.1 198.18.0.1 198.19.255.255 100::1 4000::1 5f00::1 2001:20::1'],
    ['documentation', '192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1'],
    [
      'IPv4 dressed as IPv6',
      '::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::127.0.0.1 ::7f00:1 ::ffff:0:127.0.0.1',
    ],
    ['translated', '64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::808:808'],
    ['tunnels', '2002:7f00:1:: 2002:808:808::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['no address', '127.1 0177.0.0.1 0x7f.0.0.1 2130706433 010.0.0.1 1.2.3 8.8.8.8%eth0 [::1] example.com'],
  ])('%s: %s are none', (_kind, ips) => {
    expect(ips.split(' ').filter((ip) => isPublicAddress(ip))).toEqual([]);
    expect(isPublicAddress('')).toBe(false);
  });

  it('allows what the operator allows, and nothing beside it', () => {
    const allowed = parseAllowPrivate('127.0.0.1/32, fd00::/8') ?? false;
    const called = ['127.0.0.1', '::ffff:127.0.0.1', 'fd00::1', '8.8.8.8', '127.0.0.2', '10.0.0.1', '::1'];
    expect(called.filter((ip) => mayBeCalled(ip, allowed))).toEqual(called.slice(0, 4));
    expect(mayBeCalled('10.0.0.1', true)).toBe(true);
    expect(mayBeCalled('no address', true)).toBe(false);
    expect(['10.0.0.1', '10.0.0.0/33', 'yes', '', '10.0.0.0/8,'].map(parseAllowPrivate)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('addresses of endpoints', () => {
  it.each([
    ['https://example.com/hook?a=1', 'https://example.com/hook?a=1'],
    ['HTTPS://Example.COM.:8443/hook#part', 'https://example.com:8443/hook'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/'],
    ['https://ex。ample.com/', 'https://ex.ample.com/'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700::1]/', 'https://[2606:4700::1]/'],
  ])('%s is called as %s', (text, href) => expect(read(text)).toBe(href));

  it.each([
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '127.0.1',
    '2130706433',
    '0177.0.0.1',
    '017700000001',
    '0x7f000001',
    '0x7f.1',
    '0x7f.0x0.0x0.0x1',
    '0',
    '１２７.0.0.1',
    '127。0。0。1',
    '①②⑦.⓪.⓪.①',
    '%31%32%37.0.0.1',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '10.0.0.1',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fd00:ec2::254]',
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'ⓛocalhost',
    'xn--localhost-.localhost',
  ])('refuses https://%s/ in whatever spelling', (host) => {
    const refused = read(`https://${host}/`);
    expect(['private_address', 'not_a_url']).toContain(refused);
    expect(read(`https://${host}:8443/hook`)).toBe(refused);
  });

  it.each([
    ['http://example.com/', 'not_https'],
    ['ftp://example.com/', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['https://user@example.com/', 'credentials'],
    ['https://user:password@127.0.0.1/', 'credentials'],
    ['https://example.com@127.0.0.1/', 'credentials'],
    ['https:\\\\127.0.0.1\\', 'not_a_url'],
    ['https:/\\127.0.0.1', 'not_a_url'],
    ['https:example.com', 'not_a_url'],
    ['https://exa\tmple.com/', 'not_a_url'],
    [' https://example.com/', 'not_a_url'],
    ['https://example.com/ \r\nHost: x', 'not_a_url'],
    ['https://[fe80::1%25eth0]/', 'not_a_url'],
    ['https://a..example.com/', 'not_a_url'],
    ['https://256.1.1.1/', 'not_a_url'],
    ['https://', 'not_a_url'],
    [`https://example.com/${'a'.repeat(2048)}`, 'too_long'],
    [`https://example.com/${'ü'.repeat(1000)}`, 'too_long'],
  ])('refuses %j: %s', (text, refusal) => expect(read(text)).toBe(refusal));

  it('calls this machine without TLS where that is allowed, and nobody else', () => {
    expect(read('http://127.0.0.1:8080/hook', '127.0.0.1/32')).toBe('http://127.0.0.1:8080/hook');
    expect(read('http://localhost:8080/hook', 'true')).toBe('http://localhost:8080/hook');
    expect(read('http://[::1]:8080/hook', '127.0.0.1/32')).toBe('private_address');
    expect(read('http://10.0.0.1/', 'true')).toBe('not_https');
    expect(read('http://example.com/', 'true')).toBe('not_https');
    expect(urlOfEndpoint('http://127.0.0.1/', nothing)).toBe('private_address');
  });
});
