import { gaugeOfEach } from '#runtime';
import type { RouteFigures } from './routes/route.js';
import type { RouteTable } from './routes/route-table.js';

type Channel = 'sms' | 'email';

/** The workers of this process, by what they send. */
const shown = new Map<Channel, RouteTable>();

/** Has `/metrics` show how the routes of a worker fare. */
export function showRoutes(channel: Channel, routes: RouteTable): void {
  shown.set(channel, routes);
  const each = (figure: (of: RouteFigures) => number) => () =>
    [...shown].flatMap(([of, table]) =>
      table.figures.map((figures) => [{ channel: of, route: figures.route }, figure(figures)] as const),
    );
  gaugeOfEach(
    'sallyport_route_open',
    each(({ state }) => (state === 'closed' ? 0 : 1)),
  );
  gaugeOfEach(
    'sallyport_route_attempts_under_way',
    each(({ underWay }) => underWay),
  );
}
