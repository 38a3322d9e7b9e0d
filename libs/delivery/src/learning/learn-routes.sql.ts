import { isoTime, recordEvents, eventOfEach, sql, statement, type Nothing } from '#persistence';
import { costOf } from '../sms-spend.js';
import { enteredAt, triedAgain } from './entered.sql.js';
import type { Knowledge, Told } from './route-knowledge.js';
import type { RouteState } from './rank-routes.js';

/** A code has to be entered within so many seconds to count for its route. As many have to pass before it is asked about. */
export const inTimeSeconds = 120;

/** What is older was never learned, and is not any more: after a long stop, or on the first day. */
const longestAgo = sql`interval '6 hours'`;
/** What one turn reads at most, and how far back a code's earlier messages are looked for. */
const stretch = sql`interval '10 minutes'`;

export const beginLearning = statement<Nothing, { channel: string }>(
  'delivery-begin-learning',
  ($) =>
    sql`insert into route_learning (channel, counted_until) values (${$.channel}, now() - ${longestAgo}) on conflict do nothing`,
);

export interface Span {
  readonly from: string;
  readonly until: string;
  /** From the end of the span before it to that of this one. */
  readonly ms: number;
  readonly behind: boolean;
}

/** The next stretch of time to learn from, held until the transaction ends. None where another process is at it, or it is too soon. */
export const nextSpan = statement<Span, { channel: string; leastSeconds: number }>(
  'delivery-next-span',
  ($) => sql`with mine as (
    select greatest(counted_until, now() - ${longestAgo}) as since, now() - interval '${inTimeSeconds} seconds' as ripe
    from route_learning where channel = ${$.channel} for update skip locked
  ),
  span as (select since, least(ripe, since + ${stretch}) as until, ripe from mine)
  select ${isoTime('since')} as "from", ${isoTime('until')} as until,
    (extract(epoch from until - since) * 1000)::float8 as ms, until < ripe as behind
  from span where until - since >= make_interval(secs => ${$.leastSeconds}::int)`,
);

export interface ToldOfRoute extends Told {
  /** Null for all of them together. */
  readonly country: string | null;
  readonly route: string;
}

const earlier = sql`
  case when l.challenge_id is not null then exists (
    select from delivery o where o.challenge_id = l.challenge_id and o.device_id = l.device_id and o.id < l.id)
  else exists (
    select from delivery o where o.device_id = l.device_id and o.challenge_id is null and o.kind = 'code'
      and o.id < l.id and o.created_at > l.created_at - ${stretch})
  end`;

/**
 * What became of the codes of a span: of the first attempt of the first message of each, since what follows goes to those whom
 * it did not reach. By country and route, and by route alone.
 */
export const tellOfRoutes = statement<
  ToldOfRoute,
  { channel: string; from: string; until: string; firstId: string; lastId: string }
>(
  'delivery-tell-of-routes',
  ($) => sql`with code as materialized (
    select l.id, l.country, l.device_id, l.challenge_id, l.expires_at, t.provider, t.started_at, t.price, t.receipt, t.receipt_at
    from delivery l join delivery_attempt t on t.delivery_id = l.id and t.number = 1
    where l.id >= ${$.firstId} and l.id < ${$.lastId} and l.created_at >= ${$.from}::timestamptz and l.created_at < ${$.until}::timestamptz
      and l.channel = ${$.channel} and l.kind = 'code' and l.device_id is not null and not ${earlier}
  ),
  judged as (
    select c.country, c.provider, ${costOf('c.price')} as price,
      case when e.at <= c.started_at + interval '${inTimeSeconds} seconds' and not ${triedAgain('c', 'c.started_at', 'e.at')}
        then (extract(epoch from e.at - c.started_at) * 1000)::float8 end as entry_ms,
      case when c.receipt = 'delivered' then greatest(0, (extract(epoch from c.receipt_at - c.started_at) * 1000)::float8) end as receipt_ms
    from code c cross join lateral (select ${enteredAt('c', 'c.started_at')} as at) e
  )
  select country, provider as route, count(*)::int as codes, count(entry_ms)::int as entered,
    coalesce(sum(entry_ms), 0) as "entryMs",
    (count(receipt_ms) filter (where entry_ms is not null))::int as receipts,
    coalesce(sum(receipt_ms) filter (where entry_ms is not null), 0) as "receiptMs",
    count(price)::int as priced, coalesce(sum(price), 0)::float8 as cost
  from judged group by grouping sets ((country, provider), (provider))
  -- Those of no country are in the sum alone.
  having grouping(country) = 1 or country is not null`,
);

export interface Score extends Knowledge {
  /** ISO 3166-1 alpha-2, or `*`. */
  readonly country: string;
  readonly route: string;
  readonly position: number;
  readonly state: RouteState;
}

const figures = sql`codes, entered, entry_ms, receipts, receipt_ms, priced, cost, recent_codes, recent_entered`;

export const readScores = statement<Score, { channel: string }>(
  'delivery-read-scores',
  (
    $,
  ) => sql`select country, route, position, state, codes, entered, entry_ms as "entryMs", receipts, receipt_ms as "receiptMs",
    priced, cost, recent_codes as "recentCodes", recent_entered as "recentEntered"
  from route_score where channel = ${$.channel} order by country, position, route`,
);

/** Writes the scores, and how far they reach. */
export const writeScores = statement<Nothing, { channel: string; scores: string; until: string }>(
  'delivery-write-scores',
  ($) => sql`with score as (
    insert into route_score as s (channel, country, route, position, state, ${figures})
    select ${$.channel}, country, route, position, state, codes, entered, "entryMs", receipts, "receiptMs", priced, cost,
      "recentCodes", "recentEntered"
    from jsonb_to_recordset(${$.scores}::jsonb) as x(country text, route text, position int, state text, codes float8,
      entered float8, "entryMs" float8, receipts float8, "receiptMs" float8, priced float8, cost float8,
      "recentCodes" float8, "recentEntered" float8)
    on conflict (channel, country, route) do update set
      (${figures}) = (${figures
        .split(', ')
        .map((column) => `excluded.${column}`)
        .join(', ')}),
      since = case when s.position = excluded.position and s.state = excluded.state then s.since else now() end,
      position = excluded.position, state = excluded.state
  )
  update route_learning set counted_until = ${$.until}::timestamptz where channel = ${$.channel}`,
);

/** Tenants that had codes sent to a country, or to none, on the last day. */
export const listSenders = statement<
  { tenantId: string },
  { channel: string; country: string | null; firstId: string }
>(
  'delivery-list-senders',
  ($) => sql`select distinct tenant_id as "tenantId" from delivery
  where id >= ${$.firstId} and channel = ${$.channel} and kind = 'code' and country is not distinct from ${$.country}::text`,
);

/** Tells each of some tenants of a new order. */
export const recordReordered = statement<
  Nothing,
  {
    eventIds: readonly string[];
    tenantIds: readonly string[];
    channel: string;
    country: string | null;
    reason: string;
    before: string;
    after: string;
    routes: string;
  }
>(
  'delivery-record-reordered',
  ($) =>
    sql`${recordEvents(
      $.eventIds,
      eventOfEach('route.reordered', {
        from: sql`unnest(${$.tenantIds}::text[]) as t(id)`,
        columns: { tenant_id: 't.id' },
        data: {
          channel: sql`${$.channel}::text`,
          country: sql`${$.country}::text`,
          reason: sql`${$.reason}::text`,
          before: sql`${$.before}::jsonb`,
          after: sql`${$.after}::jsonb`,
          routes: sql`${$.routes}::jsonb`,
        },
      }),
    )}`,
);
