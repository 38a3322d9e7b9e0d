import type { Move, RankedRoute } from './rank-routes.js';

/** The figures of a route, for an event or a line of the log: means, rounded. */
export function figuresOf({ route, state, known }: RankedRoute) {
  const mean = (total: number, count: number) => (count >= 1 ? total / count : null);
  const entryMs = mean(known.entryMs, known.entered);
  const receiptMs = mean(known.receiptMs, known.receipts);
  const cost = mean(known.cost, known.priced);
  return {
    route,
    state,
    codes: Math.round(known.codes),
    rate: known.codes >= 1 ? Math.round((known.entered / known.codes) * 1000) / 1000 : null,
    entryMs: entryMs === null ? null : Math.round(entryMs),
    receiptMs: receiptMs === null ? null : Math.round(receiptMs),
    cost: cost === null ? null : Math.round(cost * 1e5) / 1e5,
  };
}

type Figures = ReturnType<typeof figuresOf>;

const percent = ({ rate }: Figures) => `${Math.round((rate ?? 0) * 100)} %`;
const seconds = (ms: number | null) => `${((ms ?? 0) / 1000).toFixed(1)} s`;

/** Why routes are where they are now, in words for operators and for whoever reads the log. */
export function reasonFor(moves: readonly Move[], routes: readonly RankedRoute[]): string {
  const figures = new Map(routes.map((each) => [each.route, figuresOf(each)]));
  return moves
    .map(({ route, over, reason }) => {
      const [its, others] = [figures.get(route), figures.get(over ?? route)];
      if (!its || !others) return '';
      switch (reason) {
        case 'conversion':
          return `${route} is placed before ${over}: ${percent(its)} of its codes are entered in time, and ${percent(others)} of the other's`;
        case 'entry_time':
          return `${route} is placed before ${over}: its codes are entered after ${seconds(its.entryMs)}, the other's after ${seconds(others.entryMs)}`;
        case 'receipt_time':
          return `${route} is placed before ${over}: its receipts come after ${seconds(its.receiptMs)}, the other's after ${seconds(others.receiptMs)}`;
        case 'cost':
          return `${route} is placed before ${over}: as many codes are entered, and a message costs ${its.cost} instead of ${others.cost}`;
        case 'drained':
          return `${route} is drained: ${percent(its)} of its codes are entered in time`;
        case 'recovered':
          return `${route} is used again: ${percent(its)} of its codes are entered in time`;
      }
    })
    .join('; ');
}
