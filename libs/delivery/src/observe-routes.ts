import { gaugeOfEach } from '#runtime';
import type { RouteTable } from './routes/route-table.js';

/** Those of this process: with `npm start`, of SMS and of mail. */
const tables = new Set<RouteTable>();

/**
 * Shows how the routes of a worker fare.
 * @returns ends it
 */
export function observeRoutes(routes: RouteTable): () => void {
  tables.add(routes);
  const figures = () => [...tables].flatMap((table) => table.figures);
  const removeGauges = [
    gaugeOfEach('sallyport_route_usable', () =>
      figures().map(({ route, state }) => [{ route }, Number(state === 'closed')] as const),
    ),
    gaugeOfEach('sallyport_route_attempts_under_way', () =>
      figures().map(({ route, underWay }) => [{ route }, underWay] as const),
    ),
    gaugeOfEach('sallyport_route_attempts_at_most', () =>
      figures().map(({ route, limit }) => [{ route }, limit] as const),
    ),
  ];
  return () => {
    tables.delete(routes);
    if (tables.size === 0) for (const remove of removeGauges) remove();
  };
}
