import { idTime, newId } from '#contracts';
import type { Database } from '#persistence';
import type { RouteTable } from '../routes/route-table.js';
import { anywhere } from '../routes/trials.js';
import {
  beginLearning,
  listSenders,
  nextSpan,
  readScores,
  recordReordered,
  tellOfRoutes,
  writeScores,
  type Score,
  type Span,
  type ToldOfRoute,
} from './learn-routes.sql.js';
import { oneInOf, rankRoutes, type KnownRoute } from './rank-routes.js';
import { figuresOf, reasonFor } from './reasons.js';
import { fade, learn, nothingKnown } from './route-knowledge.js';

/** A span of less tells nothing worth a transaction. */
const leastSeconds = 10;
/** Ids have the time of the process that made them: its clock may differ from the database's by 15 s, and a transaction takes its time. */
const marginMs = 60_000;
const dayMs = 86_400_000;

/** A new order of the routes into a country. */
export interface Reordering {
  readonly channel: 'sms' | 'email';
  /** Null for mail, and for SMS to what has no country or none that a code was sent to before. */
  readonly country: string | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Words for people. */
  readonly reason: string;
  readonly routes: readonly ReturnType<typeof figuresOf>[];
}

/**
 * Learns the order of the routes of one channel from what became of codes. Any number of processes may hold one: each follows
 * what is learned, and the database lets one of them at a time go on learning.
 */
export class RouteLearning {
  private readonly configured: ReadonlyMap<string, readonly string[]>;

  /** @param table in the order of the settings: that is where learning begins */
  constructor(
    private readonly database: Database,
    private readonly channel: 'sms' | 'email',
    private readonly table: RouteTable,
  ) {
    this.configured = new Map(table.countries.map((country) => [country, table.order(country)]));
  }

  /** Goes on from where it, or another process, was. @returns what it changed, and whether there is more to learn from */
  async learn(): Promise<{ changes: Reordering[]; behind: boolean }> {
    const { database, channel } = this;
    await database.query(beginLearning, { channel });
    return database.transaction(async () => {
      const span = await database.one(nextSpan, { channel, leastSeconds });
      if (!span) return { changes: [], behind: false };
      const told = await database.query(tellOfRoutes, { channel, ...span, ...idsOf(span) });
      const scores = await database.query(readScores, { channel });
      const next = this.countriesOf(told, scores).map((country) => this.rank(country, told, scores, span.ms));
      const written = next.flatMap(({ country, routes }) =>
        routes.map(({ route, state, known }, position) => ({ country, route, state, position, ...known })),
      );
      await database.query(writeScores, { channel, until: span.until, scores: JSON.stringify(written) });
      const changes = next.flatMap(({ change }) => (change ? [change] : []));
      for (const change of changes) await this.tell(change);
      return { changes, behind: span.behind };
    });
  }

  /** Takes over what has been learned, whoever learned it. */
  async follow(): Promise<void> {
    const { database, channel, table } = this;
    const scores = await database.query(readScores, { channel });
    for (const country of new Set(scores.map((score) => score.country))) {
      const routes = this.known(country, scores);
      table.setOrder(
        country,
        routes.map(({ route }) => route),
      );
      table.trials.set(
        country,
        routes.map(({ route, state }) => ({ route, oneIn: oneInOf[state ?? 'trial'] })),
      );
    }
  }

  private countriesOf(told: readonly ToldOfRoute[], scores: readonly Score[]): string[] {
    const found = [...told.map(({ country }) => country ?? anywhere), ...scores.map(({ country }) => country)];
    return [...new Set(found)].toSorted();
  }

  /** The routes that the settings allow into a country, in the order that was learned; what is new comes last. */
  private known(country: string, scores: readonly Score[]): KnownRoute[] {
    const own = scores.filter((score) => score.country === country);
    const allowed = this.configured.get(country) ?? this.startOf(country, scores);
    const fresh = allowed.filter((name) => !own.some(({ route }) => route === name));
    return [
      ...own
        .filter(({ route }) => allowed.includes(route))
        .map(({ route, state, country: _, position: __, ...known }) => ({ route, state, known })),
      ...fresh.map((route) => ({ route, state: null, known: nothingKnown })),
    ];
  }

  /** Where a country begins that the settings do not name: with what was learned of all of them. */
  private startOf(country: string, scores: readonly Score[]): readonly string[] {
    const all = this.configured.get(anywhere) ?? [];
    const learned = scores.filter((score) => score.country === anywhere && all.includes(score.route));
    return country === anywhere
      ? all
      : [...learned.map(({ route }) => route), ...all.filter((name) => !learned.some(({ route }) => route === name))];
  }

  private rank(country: string, told: readonly ToldOfRoute[], scores: readonly Score[], ms: number) {
    const before = this.known(country, scores);
    const { routes, moves } = rankRoutes(
      before.map((each) => {
        const its = told.find((one) => (one.country ?? anywhere) === country && one.route === each.route);
        const known = fade(each.known, ms);
        return { ...each, known: its ? learn(known, its) : known };
      }),
    );
    const change: Reordering | undefined =
      moves.length === 0
        ? undefined
        : {
            channel: this.channel,
            country: country === anywhere ? null : country,
            before: before.map(({ route }) => route),
            after: routes.map(({ route }) => route),
            reason: reasonFor(moves, routes),
            routes: routes.map(figuresOf),
          };
    return { country, routes, change };
  }

  /** Each tenant whose codes went there has it in its log: nobody's messages change their way unseen. */
  private async tell({ before, after, routes, ...change }: Reordering): Promise<void> {
    const { channel, country } = change;
    const firstId = idTime('delivery', Date.now() - dayMs);
    const senders = await this.database.query(listSenders, { channel, country, firstId });
    if (senders.length === 0) return;
    await this.database.query(recordReordered, {
      ...change,
      tenantIds: senders.map(({ tenantId }) => tenantId),
      eventIds: senders.map(() => newId('event')),
      before: JSON.stringify(before),
      after: JSON.stringify(after),
      routes: JSON.stringify(routes),
    });
  }
}

/** Between which ids the deliveries of a span are: the index has them by their ids. */
function idsOf({ from, until }: Span) {
  return {
    firstId: idTime('delivery', Date.parse(from) - marginMs),
    lastId: idTime('delivery', Date.parse(until) + marginMs),
  };
}
