import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { DeliveryChannel } from '#contracts';
import { RouteLearning, RouteTable, type RouteOrder } from '#delivery';
import { startPanel, type TestPanel } from './gateway-harness.js';
import { newUserRef, writePastCodes, type PastCodes } from './past-codes.js';

/** Routes that are learned, on a gateway and a database of each file that imports this. */

export let panel: TestPanel;
export let userRef: string;
beforeAll(async () => {
  panel = await startPanel();
  userRef = await newUserRef(panel);
});
afterAll(() => panel.stop());
beforeEach(async () => {
  await panel.sql('delete from delivery');
  await panel.sql('delete from route_score');
  await panel.sql('delete from route_learning');
});

const route = (name: string): DeliveryChannel => ({
  name,
  receipts: true,
  send: async () => ({ outcome: 'sent', reference: null, price: '0.05' }),
});
export const table = (order?: RouteOrder, ...names: string[]) =>
  new RouteTable((names.length > 0 ? names : ['a', 'b', 'c']).map(route), order);
export const learning = (routes: RouteTable, channel: 'sms' | 'email' = 'sms') =>
  new RouteLearning(panel.database, channel, routes);

/** Learns all that there is to learn. */
export async function learnAll(each: RouteLearning) {
  const changes = [];
  for (;;) {
    const turn = await each.learn();
    changes.push(...turn.changes);
    if (!turn.behind) break;
  }
  await each.follow();
  return changes;
}
/** The first choice of a message into the Netherlands. */
export const placed = (routes: RouteTable, id: string) => {
  const offer = routes.offer();
  const offered = routes.trials.place(id, offer.order);
  offer.settle(undefined);
  return (offered['NL'] ?? offered['*'])?.[0];
};
/** As if what was learned until now had been learned so long ago. */
export const goBack = (minutes: number) =>
  panel.sql('update route_learning set counted_until = now() - make_interval(mins => $1)', [minutes]);
export const past = (codes: Omit<PastCodes, 'tenantId' | 'userRef'>) =>
  writePastCodes(panel, { tenantId: panel.tenantId, userRef, ...codes });

interface ScoreRow {
  readonly country: string;
  readonly route: string;
  readonly state: string;
  readonly codes: number;
  readonly entered: number;
  readonly entryMs: number;
  readonly receipts: number;
}
export const scores = (country = 'NL') =>
  panel.sql<ScoreRow>(
    `select country, route, state, codes, entered, entry_ms as "entryMs", receipts from route_score where country = $1 order by position`,
    [country],
  );
export const counts = async (country?: string) =>
  Object.fromEntries(
    (await scores(country)).map(({ route: name, codes, entered }) => [name, [Math.round(codes), Math.round(entered)]]),
  );
export const events = (tenantId: string) =>
  panel.sql<{ data: Record<string, unknown> }>(
    `select data from event where type = 'route.reordered' and tenant_id = $1 order by time`,
    [tenantId],
  );
