import type { LogRow } from '#audit-events';
import { loggedEventColumns, sql, statement, subsets, type Placeholders, type Statement } from '#persistence';

/**
 * The log is in the order of transactions, events are found by their time, and the two differ by no more than a
 * transaction lasts. Processes' transactions end within 30 s (`idle_in_transaction_session_timeout`, `statement_timeout`,
 * see `roles.ts`); this is far more.
 */
export const toleranceMs = 300_000;
const tolerance = sql`interval '${toleranceMs} milliseconds'`;

export type Order = 'oldest' | 'newest';

/** Words of SQL for one direction. */
const directions = {
  oldest: { beyond: '>', direction: 'asc', add: '+', within: '<=', never: "'infinity'" },
  newest: { beyond: '<', direction: 'desc', add: '-', within: '>=', never: "'-infinity'" },
} as const;

/** What a page asks for, of which each statement takes its part. */
interface Asked extends Omit<EventFilter, 'from' | 'to'> {
  readonly tenantId: string;
  /** The place to go on from. */
  readonly place: number;
  readonly limit: number;
  readonly from: Date | string;
  readonly to: Date | string;
  /** Our id of the user. */
  readonly owner?: string | undefined;
}
type Part = Placeholders<Asked>;

/** The sequence up to which the log is pruned: events begin after it. */
export const pruned = ($: Pick<Part, 'tenantId'>) =>
  sql`coalesce((select size from audit_pruned where tenant_id = ${$.tenantId}), 0)`;

export const eventsAt = (places: string, join = 'join') => sql`
  select ${loggedEventColumns}, u.event_key_sealed as "eventKeySealed"
  from ${places} n ${join} event e on e.id = n.event_id
    left join app_user u on u.id = e.user_ref and u.tenant_id = e.tenant_id`;

const whole = ($: Part, order: Order) => {
  const { beyond, direction } = directions[order];
  return sql`${eventsAt('audit_entry')} where n.tenant_id = ${$.tenantId} and n.sequence ${beyond} ${$.place}
   and n.sequence > ${pruned($)} order by n.sequence ${direction} limit ${$.limit}`;
};

/**
 * Halves the log until two neighbours are left, the first of an event before `time` and the second of one that is not:
 * whatever the size of the log, without an index by time.
 */
const halving = ($: Part, name: string, time: string) => sql`
  ${name} as (
    select ${pruned($)}::bigint as low, coalesce((select max(sequence) from audit_entry where tenant_id = ${$.tenantId}), 0) + 1 as high
    union all
    select case when probe.time < ${time} then middle.sequence else low end,
      case when probe.time < ${time} then high else middle.sequence end
    from ${name} cross join lateral (select (low + high) / 2 as sequence) middle
      cross join lateral (
        select e.time from audit_entry n join event e on e.id = n.event_id
        where n.tenant_id = ${$.tenantId} and n.sequence = middle.sequence
      ) probe
    where high - low > 1
  )`;

const between = ($: Part, order: Order) => {
  const { beyond, direction } = directions[order];
  return sql`
   with recursive ${halving($, 'first', `${$.from}::timestamptz - ${tolerance}`)}, ${halving($, 'last', `${$.to}::timestamptz + ${tolerance}`)}
   ${eventsAt('audit_entry')}
   where n.tenant_id = ${$.tenantId} and n.sequence ${beyond} ${$.place}
     and n.sequence > (select max(low) from first) and n.sequence < (select min(high) from last)
     and ${inTime($)}
   order by n.sequence ${direction} limit ${$.limit}`;
};

const inTime = ($: Part) => sql`e.time >= ${$.from} and e.time < ${$.to}`;

const filters = {
  account: ($: Part) => sql`e.account_id = ${$.account}`,
  user: ($: Part) => sql`e.user_id = ${$.user}`,
  types: ($: Part) => sql`e.type = any (${$.types}::text[])`,
};
const filterNames = Object.keys(filters) as (keyof typeof filters)[];

/**
 * Things that few events are about, the fewest first, each with an index of its own: whatever else is asked is compared in
 * their rows. A statement for each of them is enough then, where one for each set of filters would be 126.
 */
const things = {
  request: ($: Part) => sql`e.request_id = ${$.request}`,
  challenge: ($: Part) => sql`(e.data ->> 'challengeId') = ${$.challenge}`,
  device: ($: Part) => sql`(e.data ->> 'deviceId') = ${$.device}`,
};
/** What each index holds; that of devices, which may have many events, the time besides. */
const byIndex = {
  request: things.request,
  challenge: things.challenge,
  device: ($: Part) => sql`${things.device($)} and ${inTime($)}`,
};
const thingNames = Object.keys(things) as (keyof typeof things)[];

/** What is asked besides, where it is asked. */
const others = {
  time: inTime,
  tenant: ($: Part) => sql`e.tenant_id = ${$.tenantId}`,
  account: ($: Part) => sql`(${$.account}::text is null or ${filters.account($)})`,
  user: ($: Part) => sql`(${$.user}::text is null or ${filters.user($)})`,
  types: ($: Part) => sql`(${$.types}::text[] is null or ${filters.types($)})`,
  challenge: ($: Part) => sql`(${$.challenge}::text is null or ${things.challenge($)})`,
  device: ($: Part) => sql`(${$.device}::text is null or ${things.device($)})`,
};

/** A page of the log among events that were found otherwise. @param ids of those, as a query of `event e` */
const pageAmong = ($: Part, ids: string, order: Order) => {
  const { beyond, direction } = directions[order];
  return sql`${eventsAt(sql`(
     select n.* from (${ids} offset 0) e cross join lateral (
       select event_id, sequence, leaf_hash from audit_entry n
       where n.event_id = e.id and n.tenant_id = ${$.tenantId} and n.sequence ${beyond} ${$.place}
       offset 0
     ) n
     order by n.sequence ${direction} limit ${$.limit}
   )`)}
   order by n.sequence ${direction}`;
};

/**
 * All events about a thing. `offset 0`: by its index alone. PostgreSQL would rather meet the few events of a challenge with all
 * of a time.
 */
const about = ($: Part, thing: keyof typeof things, order: Order) => {
  const rest = Object.entries(others).flatMap(([name, other]) => (name === thing ? [] : [other($)]));
  const found = sql`
       select e.id from (select * from event e where ${byIndex[thing]($)} offset 0) e where ${rest.join(' and ')}`;
  return pageAmong($, found, order);
};

/** By the panel's ids there is an index; by ours, nobody is shown the events of someone who had the same ids before. */
const byOwner = ($: Part) => sql`${filters.account($)} and ${filters.user($)} and e.user_ref = ${$.owner}`;

/**
 * The first events that match, by an index in the order of time, as many as there are on a page; then all that match up to
 * the last of them and the tolerance: the page is among these.
 */
const matching = ($: Part, conditions: readonly ((part: Part) => string)[], order: Order) => {
  const { beyond, direction, add, within, never } = directions[order];
  const matches = conditions.map((condition) => `and ${condition($)}`).join(' ');
  const found = (matches: string) => sql`
     select e.time from event e join audit_entry n on n.event_id = e.id
     where e.tenant_id = ${$.tenantId} ${matches} and ${inTime($)} and n.tenant_id = ${$.tenantId}
       and n.sequence ${beyond} ${$.place}
     order by e.time ${direction} limit ${$.limit}`;
  // The index begins with one type.
  const first =
    conditions.length === 1 && conditions[0] === filters.types
      ? sql`select f.time from unnest(${$.types}::text[]) as t(type) cross join lateral (${found('and e.type = t.type')}) f`
      : found(matches);
  const among = sql`
       select e.id from event e
       where e.tenant_id = ${$.tenantId} ${matches} and ${inTime($)}
         and e.time ${within} coalesce((select time from last) ${add} ${tolerance}, ${never}::timestamptz)`;
  // `offset 0`: in this order, whatever PostgreSQL expects. It expects 5,000 events in five minutes of 90 days, and would
  // rather walk along the whole log.
  return sql`
   with last as (select time from (${first}) f order by time ${direction} offset ${$.limit} - 1 limit 1)
   ${pageAmong($, among, order)}`;
};

export interface EventFilter {
  readonly account?: string | undefined;
  readonly user?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly request?: string | undefined;
  readonly challenge?: string | undefined;
  readonly device?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

export interface EventPage extends EventFilter {
  readonly tenantId: string;
  readonly order: Order;
  /** The event to go on from; none for the first page. */
  readonly after?: { readonly sequence: number; readonly time: Date } | undefined;
  readonly limit: number;
}

/** A statement for each set of filters, so that each has a plan of its own: one for all could use no index. */
const statements = new Map<string, Statement<LogRow, Asked>>();
for (const order of ['oldest', 'newest'] as const) {
  const declare = (name: string, text: ($: Part) => string) =>
    statements.set(name, statement<LogRow, Asked>(`audit.events-${name}`, text));
  declare(`${order}`, ($) => whole($, order));
  declare(`${order}-time`, ($) => between($, order));
  for (const given of subsets(filterNames)) {
    if (given.length > 0)
      declare([order, ...given].join('-'), ($) =>
        matching(
          $,
          given.map((name) => filters[name]),
          order,
        ),
      );
  }
  for (const name of thingNames) declare(`${order}-${name}`, ($) => about($, name, order));
  declare(`${order}-own`, ($) => matching($, [byOwner], order));
}

/** More than any log has entries. */
const beyondAll = Number.MAX_SAFE_INTEGER;

/** The statement of a page, and its values. */
export function pageOfEvents(page: EventPage): readonly [Statement<LogRow, Asked>, Asked] {
  const { tenantId, order, after, limit, from, to, ...asked } = page;
  const thing = thingNames.find((name) => page[name] !== undefined);
  const given = thing ? [thing] : filterNames.filter((name) => page[name] !== undefined);
  const timed = from !== undefined || to !== undefined;
  const name = [order, ...(given.length === 0 && timed ? ['time'] : given)].join('-');
  const place = placeAfter(order, after);
  const [since, until] = given.length === 0 ? [from, to] : narrowed(page);
  return [
    statements.get(name) as Statement<LogRow, Asked>,
    { ...asked, tenantId, place, limit, from: since ?? '-infinity', to: until ?? 'infinity' },
  ];
}

export interface OwnPage extends Pick<EventPage, 'tenantId' | 'order' | 'after' | 'limit'> {
  readonly account: string;
  readonly user: string;
  readonly owner: string;
}

/** The statement of a page of one user's events, and its values. */
export function pageOfOwnEvents(page: OwnPage): readonly [Statement<LogRow, Asked>, Asked] {
  const { order, after, ...asked } = page;
  const [from, to] = narrowed(page);
  return [
    statements.get(`${order}-own`) as Statement<LogRow, Asked>,
    { ...asked, place: placeAfter(order, after), from: from ?? '-infinity', to: to ?? 'infinity' },
  ];
}

const placeAfter = (order: Order, after: EventPage['after']) => after?.sequence ?? (order === 'oldest' ? 0 : beyondAll);

/** From when and until when, without what lies on the other side of the event to go on from. */
function narrowed({
  order,
  after,
  from,
  to,
}: Pick<EventPage, 'order' | 'after' | 'from' | 'to'>): readonly [Date | undefined, Date | undefined] {
  if (!after) return [from, to];
  const time = after.time.getTime();
  if (order === 'oldest') {
    const since = new Date(Math.max(from?.getTime() ?? -Infinity, time - toleranceMs));
    return [since, to];
  }
  return [from, new Date(Math.min(to?.getTime() ?? Infinity, time + toleranceMs))];
}
