/** A route in its place, with the share of codes that are tried by it first. */
export interface Probed {
  readonly route: string;
  readonly oneIn: number | null;
}

/**
 * Which messages begin with a route that does not lead. By chance and not by choice, so that a probe is like the messages that
 * it is compared with; by its id, so that every process and every retry says the same.
 */
export class Probes {
  private readonly byCountry = new Map<string, readonly Probed[]>();

  /** @param routes the best first */
  set(country: string, routes: readonly Probed[]): void {
    this.byCountry.set(country, routes);
  }

  /** What a claim is offered for this message; a probe that may not be used now is left out. */
  place(deliveryId: string, offer: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
    return Object.fromEntries(
      Object.entries(offer).map(([country, names]) => {
        const first = probeOf(this.byCountry.get(country) ?? [], deliveryId);
        return [country, first !== undefined && names.includes(first) ? withFirst(names, first) : names];
      }),
    );
  }
}

/**
 * The order for one message: that of the routes, or one that begins with a route that is probed.
 * @param routes the best first
 */
export function orderFor(routes: readonly Probed[], deliveryId: string): string[] {
  const names = routes.map(({ route }) => route);
  const first = probeOf(routes, deliveryId);
  return first === undefined ? names : withFirst(names, first);
}

function withFirst(names: readonly string[], first: string): string[] {
  return [first, ...names.filter((name) => name !== first)];
}

function probeOf(routes: readonly Probed[], deliveryId: string): string | undefined {
  if (routes.length < 2) return undefined;
  let place = fraction(deliveryId);
  return routes.slice(1).find(({ oneIn }) => {
    place -= oneIn === null ? 0 : 1 / oneIn;
    return place < 0;
  })?.route;
}

/** From 0 up to 1, evenly (FNV-1a, 32 bits, mixed as MurmurHash3 ends). */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
