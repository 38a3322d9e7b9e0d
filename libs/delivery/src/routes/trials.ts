/** A route in its place, with the share of messages that try it first. */
export interface TriedRoute {
  readonly route: string;
  readonly oneIn: number | null;
}

/** Stands for every country that has no order of its own, and for mail. */
export const anywhere = '*';

/**
 * Which messages begin with a route that does not lead. By chance and not by choice, so that they are like the messages that they
 * are compared with; by its id, so that every process and every retry says the same of a message.
 */
export class Trials {
  private readonly byCountry = new Map<string, readonly TriedRoute[]>();

  /** @param routes the best first */
  set(country: string, routes: readonly TriedRoute[]): void {
    this.byCountry.set(country, routes);
  }

  /**
   * @param offer names of routes by country and for `*`, which stands for countries that are left out
   * @returns the same for this message; a route that may not be used now is tried by none
   */
  place(deliveryId: string, offer: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
    if (this.byCountry.size === 0) return { ...offer };
    const everywhere = offer[anywhere] ?? [];
    const placed: Record<string, readonly string[]> = { [anywhere]: this.of(anywhere, everywhere, deliveryId) };
    const usual = placed[anywhere]?.join();
    for (const country of new Set([...Object.keys(offer), ...this.byCountry.keys()])) {
      const names = this.of(country, offer[country] ?? everywhere, deliveryId);
      if (names.join() !== usual) placed[country] = names;
    }
    return placed;
  }

  private of(country: string, names: readonly string[], deliveryId: string): readonly string[] {
    const first = triedBy(this.byCountry.get(country) ?? [], deliveryId);
    return first !== undefined && names.includes(first) ? withFirst(names, first) : names;
  }
}

/**
 * The order for one message: that of the routes, or one that begins with a route that is tried.
 * @param routes the best first
 */
export function orderFor(routes: readonly TriedRoute[], deliveryId: string): string[] {
  const names = routes.map(({ route }) => route);
  const first = triedBy(routes, deliveryId);
  return first === undefined ? names : withFirst(names, first);
}

function withFirst(names: readonly string[], first: string): string[] {
  return [first, ...names.filter((name) => name !== first)];
}

function triedBy(routes: readonly TriedRoute[], deliveryId: string): string | undefined {
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
