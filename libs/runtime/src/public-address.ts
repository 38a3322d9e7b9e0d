import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** Which addresses that are not public may be called all the same: none, all, or those of some networks. */
export type AllowPrivate = boolean | readonly Network[];

/** What is global unicast today (RFC 4291 §2.4, IANA's registry): what lies outside is not to be had on the internet. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** Translated to IPv4 by whoever runs the network (RFC 6052 §2.1). The local-use prefix 64:ff9b:1::/48 is not meant. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an address is one of the internet: neither of this machine nor of a network around it, nor reserved, nor one
 * that tunnels to another (6to4, Teredo). An address of IPv6 that stands for one of IPv4 is judged by that.
 * @param ip as resolvers and URLs write it; anything else (octal or short forms, a zone) is not public
 */
export function isPublicAddress(ip: string): boolean {
  const address = parse(ip);
  return address !== undefined && isPublic(address);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}

/** Whether an address may be called: it is public, or the operator allows it. */
export function mayBeCalled(ip: string, allowPrivate: AllowPrivate): boolean {
  const address = parse(ip);
  if (address === undefined) return false;
  return isPublic(address) || isAllowed(address, allowPrivate);
}

function isAllowed(address: Address, allowPrivate: AllowPrivate): boolean {
  if (typeof allowPrivate === 'boolean') return allowPrivate;
  return allowPrivate.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

/** @returns undefined for what is no address. An address of IPv4 that is dressed as IPv6 comes back without. */
function parse(ip: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return ipaddr.IPv4.parse(ip);
  if (ip.includes('%') || !ipaddr.IPv6.isValid(ip)) return undefined;
  const address = ipaddr.IPv6.parse(ip);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(nat64) ? new ipaddr.IPv4(address.toByteArray().slice(-4)) : address;
}

/**
 * Reads `true`, `false` or networks with commas between (`10.0.0.0/8, fd00::/8`).
 * @returns undefined where the text is none of these
 */
export function parseAllowPrivate(text: string): AllowPrivate | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  const networks = text.split(',').map((part) => part.trim());
  if (!networks.every((part) => ipaddr.isValidCIDR(part))) return undefined;
  return networks.map((part) => ipaddr.parseCIDR(part));
}

/** Longest address of an endpoint, in characters. */
export const longestUrl = 2048;

/** Why an address can be no endpoint's. */
export const urlRefusals = ['not_a_url', 'too_long', 'not_https', 'credentials', 'private_address'] as const;
export type UrlRefusal = (typeof urlRefusals)[number];

/**
 * The address of an endpoint as it is called: https, its name in ASCII, without a last dot or fragment. Without TLS only
 * where it names this machine and that is allowed. A name is judged where it is resolved, each time.
 */
export function urlOfEndpoint(
  text: string,
  { allowPrivate }: { readonly allowPrivate: AllowPrivate },
): URL | UrlRefusal {
  if (text.length > longestUrl) return 'too_long';
  // The parser would leave out white space without a word.
  if (!/^[a-z]+:\/\/[^\s\p{Cc}\\]+$/iu.test(text) || !URL.canParse(text)) return 'not_a_url';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'not_https';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (!isPlainHost(url.hostname)) return 'not_a_url';
  url.hostname = url.hostname.replace(/\.$/, '');
  url.hash = '';
  if (url.href.length > longestUrl) return 'too_long';
  const ip = addressOf(url);
  if (ip !== undefined && !mayBeCalled(ip, allowPrivate)) return 'private_address';
  return url.protocol === 'https:' || (ip !== undefined && parse(ip)?.range() === 'loopback') ? url : 'not_https';
}

/** The address that a URL names by itself, without a resolver. */
export function addressOf({ hostname }: Pick<URL, 'hostname'>): string | undefined {
  if (/(^|\.)localhost\.?$/.test(hostname)) return '127.0.0.1';
  const ip = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(ip) ? ip : undefined;
}

/** Labels of 1 to 63 characters, 253 in all (RFC 1035 §2.3.4); brackets are those of an address of IPv6. */
function isPlainHost(host: string): boolean {
  return host.startsWith('[') || (host.length <= 254 && /^([^.]{1,63}\.)*[^.]{1,63}\.?$/.test(host));
}
