import { amountPattern } from '#contracts';
import { enteredAt, triedAgain } from '#delivery';
import { isoTime, sql, statement } from '#persistence';
import { own } from './deliveries.sql.js';

/** Messages that one answer looks at; of more, the latest. */
export const lookedAtMost = 100_000;
/** Groups of an answer: more than all routes into all countries. By prefix there may be more: those with the most attempts. */
export const groupsAtMost = 1000;

const ms = (from: string, until: string) => sql`(extract(epoch from ${until} - ${from}) * 1000)::float8`;
/** Half of them took no longer, and all but a twentieth. */
const spread = (column: string) => sql`percentile_disc(array[0.5, 0.95]) within group (order by ${column})`;
/** A price as providers tell it: a number, and after it perhaps a currency. */
const price = `^(${amountPattern})(?: ([A-Z]{3}))?$`;

/** What became of the attempts of a tenant's messages, in groups. Entries are found, never counted beforehand: no check of a code pays for them. */
export const summarizeDeliveries = statement<
  SummaryRow,
  {
    tenantId: string;
    application: string | null;
    from: string;
    to: string;
    firstId: string;
    lastId: string;
    byChannel: boolean;
    byRoute: boolean;
    byCountry: boolean;
    byPrefix: boolean;
  }
>(
  'delivery.summarize',
  ($) => sql`with looked_at as materialized (
    select l.* from (
      select l.id, l.kind, l.device_id, l.challenge_id, l.created_at, l.expires_at,
        case when ${$.byChannel}::boolean then l.channel end as channel,
        case when ${$.byCountry}::boolean then l.country end as country,
        case when ${$.byPrefix}::boolean then l.prefix end as prefix
      from delivery l
      where l.tenant_id = ${$.tenantId} and l.id >= ${$.firstId} and l.id < ${$.lastId}
        and l.created_at >= ${$.from}::timestamptz and l.created_at < ${$.to}::timestamptz and ${own($.application)}
      order by l.id desc limit ${lookedAtMost + 1}
    ) l order by l.id desc
  ),
  counted as (select * from looked_at order by id desc limit ${lookedAtMost}),
  attempt as (
    select l.channel, l.country, l.prefix, case when ${$.byRoute}::boolean then t.provider end as route,
      t.outcome = 'sent' as sent, t.receipt, l.kind = 'code' as code,
      regexp_match(t.price, '${price}') as price,
      case when t.outcome = 'sent' then ${ms('l.created_at', 't.ended_at')} end as to_provider,
      case when t.receipt = 'delivered' then greatest(0, ${ms('t.started_at', 't.receipt_at')}) end as to_receipt,
      case when e.at is not null and not ${triedAgain('l', 't.started_at', 'e.at')} then ${ms('t.started_at', 'e.at')} end as to_entry
    from counted l join delivery_attempt t on t.delivery_id = l.id
    cross join lateral (select case when l.kind = 'code' then ${enteredAt('l', 't.started_at')} end as at) e
  ),
  cost as (
    select channel, country, prefix, route,
      json_agg(json_build_object('currency', currency, 'amount', amount::text) order by currency) as costs
    from (
      select channel, country, prefix, route, price[2] as currency, sum(price[1]::numeric) as amount
      from attempt where price is not null group by 1, 2, 3, 4, 5
    ) c group by 1, 2, 3, 4
  ),
  grouped as (
    select channel, country, prefix, route, count(*)::int as attempts, (count(*) filter (where sent))::int as sent,
      (count(*) filter (where receipt = 'delivered'))::int as delivered,
      (count(*) filter (where receipt = 'failed'))::int as undelivered,
      (count(*) filter (where code))::int as codes, count(to_entry)::int as converted,
      ${spread('to_provider')} as "toProvider", ${spread('to_receipt')} as "toReceipt", ${spread('to_entry')} as "toEntry"
    from attempt group by 1, 2, 3, 4
  )
  select g.channel, g.country, g.prefix, g.route, g.attempts, g.sent, g.delivered, g.undelivered, g.codes, g.converted,
    coalesce(c.costs, '[]') as costs, g."toProvider", g."toReceipt", g."toEntry",
    (select case when count(*) > ${lookedAtMost} then ${isoTime('(select min(created_at) from counted)')} end from looked_at) as "countedFrom"
  from grouped g left join cost c on (c.channel, c.country, c.prefix, c.route) is not distinct from (g.channel, g.country, g.prefix, g.route)
  order by g.attempts desc, g.channel, g.route, g.country, g.prefix limit ${groupsAtMost}`,
);

type Spread = readonly [number | null, number | null] | null;

export interface SummaryRow {
  readonly channel: 'sms' | 'email' | null;
  readonly country: string | null;
  readonly prefix: string | null;
  readonly route: string | null;
  readonly attempts: number;
  readonly sent: number;
  readonly delivered: number;
  readonly undelivered: number;
  readonly codes: number;
  readonly converted: number;
  readonly costs: readonly { readonly currency: string | null; readonly amount: string }[];
  readonly toProvider: Spread;
  readonly toReceipt: Spread;
  readonly toEntry: Spread;
  /** Where there were more than are looked at. */
  readonly countedFrom: string | null;
}
