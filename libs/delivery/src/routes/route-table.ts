import type { DeliveryChannel } from '#contracts';
import { Route, type RouteFigures } from './route.js';
import { anywhere, Trials } from './trials.js';

/** Names of routes, the first choice first, by country (ISO 3166-1 alpha-2) and for `*`. */
export type RouteOrder = Readonly<Record<string, readonly string[]>>;

/** What a claim is offered. */
export interface RouteOffer {
  /** By country and for `*`; none where no route may be used now. */
  readonly order: RouteOrder;
  /** Whether there is nothing to claim by. */
  readonly isEmpty: boolean;
  /** To be told once: which route was taken, if any. @returns whether it is a probe */
  settle(taken: string | undefined): boolean;
}

/** Told when a route is left alone, with the time until it is tried again, and when it is back. */
export type RouteListener = (route: string, state: 'open' | 'closed', pauseMs: number) => void;

/** What workers wait for at a time, where nobody says. */
const usualAtOnce = 50;
/** Between two looks of a delivery that no route may take, at least and at most. */
const lookMs = { least: 100, most: 5000 };

/**
 * The routes that a worker sends by, and in which order it offers them to a delivery. The order may change while it runs; which
 * one a delivery takes is decided by the statement that claims it, since only that knows what has been tried.
 */
export class RouteTable {
  /** Which messages begin with another route than the first. */
  readonly trials = new Trials();
  private readonly routes: ReadonlyMap<string, Route>;
  private readonly orders = new Map<string, readonly string[]>();

  /**
   * @param channels with different names
   * @param order left out: all of them everywhere, in this order
   * @param atOnce attempts that the worker waits for at a time
   * @throws {RangeError} where the order names none for `*`, or one that is not among the channels
   */
  constructor(
    channels: readonly DeliveryChannel[],
    order: RouteOrder = { [anywhere]: channels.map(({ name }) => name) },
    atOnce = usualAtOnce,
  ) {
    this.routes = new Map(channels.map((channel) => [channel.name, new Route(channel, atOnce)]));
    if (!Object.hasOwn(order, anywhere)) throw new RangeError('no order of routes for all countries');
    for (const [country, names] of Object.entries(order)) this.setOrder(country, names);
  }

  /** All routes, whether they are in an order or not. */
  get names(): readonly string[] {
    return [...this.routes.keys()];
  }

  /** Countries with an order of their own, and `*`. */
  get countries(): readonly string[] {
    return [...this.orders.keys()];
  }

  /** @throws {RangeError} for a name that is not in the table */
  route(name: string): Route {
    const route = this.routes.get(name);
    if (!route) throw new RangeError('no such route');
    return route;
  }

  /** The order for a country, usable or not. */
  order(country: string | null): readonly string[] {
    return this.orders.get(country ?? anywhere) ?? this.orders.get(anywhere) ?? [];
  }

  /**
   * Replaces the order for one country from the next claim on; those that are under way stay where they are.
   * @throws {RangeError} where it is empty, or has a name twice or one that is not in the table
   */
  setOrder(country: string, names: readonly string[]): void {
    const known = names.every((name) => this.routes.has(name));
    if (names.length === 0 || !known || new Set(names).size < names.length) {
      throw new RangeError('no such order of routes');
    }
    this.orders.set(country, [...names]);
  }

  /** Routes that may be used for a country now, the first choice first, those that asked for rest last; may be none. */
  usable(country: string | null): readonly string[] {
    return this.restedFirst(this.order(country).filter((name) => this.route(name).isUsable));
  }

  /** What a claim is offered: what is usable, and a route that is due to be probed, to one claim at a time. */
  offer(): RouteOffer {
    const probes = this.names.filter((name) => this.route(name).takeProbe());
    const offered = (country: string) =>
      this.restedFirst(this.order(country).filter((name) => probes.includes(name) || this.route(name).isUsable));
    const everywhere = offered(anywhere);
    const own = this.countries
      .map((country) => [country, offered(country)] as const)
      .filter(([, names]) => names.join() !== everywhere.join());
    const firsts = new Set([everywhere[0], ...own.map(([, [first]]) => first)]);
    const settled = [...firsts].map((name) => (name === undefined ? undefined : this.route(name).offer()));
    return {
      order: { [anywhere]: everywhere, ...Object.fromEntries(own) },
      isEmpty: everywhere.length === 0 && own.length === 0,
      settle: (taken) => {
        for (const settle of settled) settle?.();
        for (const name of probes) if (name !== taken) this.route(name).dropProbe();
        return taken !== undefined && probes.includes(taken);
      },
    };
  }

  /** How long a delivery waits that no route may take now; each a little differently. */
  blockedMs(country: string | null): number {
    const soonest = Math.min(...this.order(country).map((name) => this.route(name).blockedMs));
    return Math.min(lookMs.most, Math.max(lookMs.least, soonest)) * (1 + Math.random() / 2);
  }

  /** How each route fares in this process. */
  get figures(): readonly RouteFigures[] {
    return [...this.routes.values()].map(({ figures }) => figures);
  }

  onState(listener: RouteListener): void {
    for (const [name, route] of this.routes) route.onState = (state, pauseMs) => listener(name, state, pauseMs);
  }

  /** Closes the connections of all routes, once nobody sends by them any more. */
  close(): void {
    for (const { channel } of this.routes.values()) channel.close?.();
  }

  private restedFirst(names: readonly string[]): readonly string[] {
    if (!names.some((name) => this.route(name).isResting)) return names;
    return names.toSorted((a, b) => Number(this.route(a).isResting) - Number(this.route(b).isResting));
  }
}
