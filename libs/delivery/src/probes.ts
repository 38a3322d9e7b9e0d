/** A route in its place, with the share of codes that are tried by it first. */
export interface Probed {
  readonly route: string;
  readonly oneIn: number | null;
}

/**
 * The order for one message: that of the routes, or one that begins with a route that is probed. By chance and not by choice,
 * so that a probe is like the messages that it is compared with; by its id, so that every process and every retry says the same.
 * @param routes best first
 */
export function orderFor(routes: readonly Probed[], deliveryId: string): string[] {
  const names = routes.map(({ route }) => route);
  let place = fraction(deliveryId);
  const probe = routes.slice(1).find(({ oneIn }) => {
    const share = oneIn === null ? 0 : 1 / oneIn;
    place -= share;
    return place < 0;
  });
  return probe === undefined ? names : [probe.route, ...names.filter((name) => name !== probe.route)];
}

/** From 0 up to 1, evenly (FNV-1a, 32 bits, mixed as MurmurHash3 ends). */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
