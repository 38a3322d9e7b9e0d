import type { DeliveryChannel } from '#contracts';
import { Probes } from './probes.js';

/** Stands for every country that has no order of its own, and for mail. */
export const anywhere = '*';

/** Names of routes, the first choice first, by country (ISO 3166-1 alpha-2) and for `*`. */
export type RouteOrder = Readonly<Record<string, readonly string[]>>;

/**
 * The routes that a worker sends by, and in which order it offers them to a delivery. The order may change while it runs; which
 * one a delivery takes is decided by the statement that claims it, since only that knows what has been tried.
 */
export class RouteTable {
  /** Which messages begin with another route than the first. */
  readonly probes = new Probes();
  private readonly channels: ReadonlyMap<string, DeliveryChannel>;
  private readonly orders = new Map<string, readonly string[]>();

  /**
   * @param channels with different names
   * @param order left out: all of them everywhere, in this order
   * @throws {RangeError} where the order names none for `*`, or one that is not among the channels
   */
  constructor(
    channels: readonly DeliveryChannel[],
    order: RouteOrder = { [anywhere]: channels.map(({ name }) => name) },
  ) {
    this.channels = new Map(channels.map((channel) => [channel.name, channel]));
    if (!Object.hasOwn(order, anywhere)) throw new RangeError('no order of routes for all countries');
    for (const [country, names] of Object.entries(order)) this.setOrder(country, names);
  }

  /** All routes, whether they are in an order or not. */
  get names(): readonly string[] {
    return [...this.channels.keys()];
  }

  /** Countries with an order of their own, and `*`. */
  get countries(): readonly string[] {
    return [...this.orders.keys()];
  }

  /** @throws {RangeError} for a name that is not in the table */
  channel(name: string): DeliveryChannel {
    const channel = this.channels.get(name);
    if (!channel) throw new RangeError('no such route');
    return channel;
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
    const known = names.every((name) => this.channels.has(name));
    if (names.length === 0 || !known || new Set(names).size < names.length)
      throw new RangeError('no such order of routes');
    this.orders.set(country, [...names]);
  }

  /** Routes that may be used for a country now, the first choice first; may be none. */
  usable(country: string | null): readonly string[] {
    return this.order(country);
  }

  /** What a claim is offered: `usable` for each country with an order of its own, and for `*`. */
  offer(): RouteOrder {
    return Object.fromEntries(this.countries.map((country) => [country, this.usable(country)]));
  }

  /** Closes the connections of all routes, once nobody sends by them any more. */
  close(): void {
    for (const channel of this.channels.values()) channel.close?.();
  }
}
