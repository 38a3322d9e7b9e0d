import { isIPv4, isIPv6 } from 'node:net';
import { sql, type Finder } from '#persistence';

/**
 * Where a challenge comes from: the network of its address, or the browser that an earlier login made trusted. Panels tell
 * send it (`context.ip`, `trustedBrowser`). A place is known if the user logged in from there within 90 days.
 *
 * Somebody who guesses codes comes from a place that is not known. What happens there is counted apart, so that the owner's
 * own ways in stay open (docs/threat-model.md).
 */

/** Days that a login makes its place known for. */
const knownDays = 90;

/** The bytes of an IPv6 address in groups of 16 bits (RFC 4291 §2.2). */
function groupsOf(ip: string): number[] {
  const [head = '', tail] = ip.split('::');
  const groups = (text: string) =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const first = groups(head);
  if (tail === undefined) return first;
  const last = groups(tail);
  return [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
}

/** The network that an address is in: /24, and /56 of IPv6, which is what one household is given (RIPE-690 §4.2). */
export function networkOf(ip: string): string {
  if (isIPv4(ip)) return ip.split('.').slice(0, 3).join('.');
  if (!isIPv6(ip)) return ip;
  const groups = groupsOf(ip.replace(/%.*$/, ''));
  const [, , , , , mapped, high = 0, low = 0] = groups;
  if (mapped === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `${high >> 8}.${high & 255}.${low >> 8}`;
  }
  const [a = 0, b = 0, c = 0, d = 0] = groups;
  return [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':');
}

/** The MAC under which a place is kept, or null where the panel did not tell. */
export function placeOf(finder: Finder, tenantId: string, ip: string | undefined): Buffer | null {
  return ip === undefined ? null : finder.mac('place', tenantId, networkOf(ip));
}

const approvedFrom = (user: string, place: string) => sql`
  exists (
    select from challenge kc where kc.user_id = ${user} and kc.status = 'approved' and ${place}
      and kc.ended_at > now() - interval '${knownDays} days')`;

/** Condition: the user has logged in from a place. */
export const knows = (user: string, place: string) =>
  sql`(${place}::bytea is not null and ${approvedFrom(user, `kc.place = ${place}`)})`;

/** Condition: there is some place that the user has logged in from. */
export const knowsAny = (user: string) => approvedFrom(user, 'kc.place is not null');

/** Wrong codes and lock of a device `d`, as they count for a challenge from a place that is known or not. */
export const wrongCodes = (known: string) => sql`case when ${known} then d.known_wrong_codes else d.wrong_codes end`;
export const lockedUntil = (known: string) => sql`case when ${known} then d.known_locked_until else d.locked_until end`;
