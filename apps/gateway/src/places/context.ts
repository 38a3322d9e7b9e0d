import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

/**
 * Where a login comes from, as a panel passes it on from headers that anybody may write. It is a note for the audit trail
 * and helps to distinguish strangers from the owner, so it is cleaned, cut or left out, and never a reason to refuse a login.
 */
export const loginContext = z
  .strictObject({
    // Whatever is no text is no note.
    ip: z.string().nullish().catch(undefined).transform(cleanIp),
    userAgent: z.string().nullish().catch(undefined).transform(cleanUserAgent),
  })
  .nullish()
  .meta({
    description:
      "Where the login comes from, for the audit log. `ip` is used to tell a stranger's guesses from the user's own mistakes. Invalid values are ignored",
  });

const userAgentLength = 500;

/** One line of what can be written down, or undefined. */
export function cleanUserAgent(text: string | null | undefined): string | undefined {
  const line = (text ?? '')
    .slice(0, 4 * userAgentLength)
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  // Cut between characters, not inside of a surrogate pair.
  return (
    line
      .slice(0, userAgentLength)
      .replace(/[\ud800-\udbff]$/, '')
      .trim() || undefined
  );
}

/**
 * The first address in what proxies write: a list (`X-Forwarded-For`), with a port, in brackets, with a zone.
 * @returns in its one canonical spelling (RFC 5952), an IPv4-mapped one as the IPv4 that it is; undefined where there is none
 */
export function cleanIp(text: string | null | undefined): string | undefined {
  for (const part of (text ?? '').slice(0, 2000).split(',')) {
    const ip = bareAddress(part.trim());
    if (isIPv4(ip)) return ip;
    if (isIPv6(ip)) return canonicalIPv6(ip);
  }
  return undefined;
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`, `fe80::1%eth0`, `for="[2001:db8::1]"` (RFC 7239 §6) without what is no address. */
function bareAddress(text: string): string {
  const node = /^(?:for=)?"?([^"]*)"?$/i.exec(text)?.[1] ?? '';
  const host = /^\[([^\]]*)\](?::\d*)?$/.exec(node)?.[1] ?? /^([\d.]+):\d*$/.exec(node)?.[1] ?? node;
  return host.replace(/%.*$/, '');
}

function canonicalIPv6(ip: string): string {
  const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const [high = 0, low = 0] = mapped.slice(1).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
