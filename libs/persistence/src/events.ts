import { sql } from './statement.js';
import {
  events,
  newId,
  type EventData,
  type EventName,
  type EventPersonal,
  type JobName,
  type OutboxPayload,
} from '#contracts';
import { tracing } from '#runtime';
import { sealPersonal } from './sealing.js';

/** Who an event is about, and the key for what is personal in it. */
export interface EventContext {
  readonly tenantId: string;
  /** The panel's own ids. */
  readonly accountId?: string | null;
  readonly userId?: string | null;
  /** Our id of the user. */
  readonly userRef?: string | null;
  /** Opened event key of the user; events with personal fields need it. */
  readonly eventKey?: Uint8Array | null;
  readonly requestId?: string | null;
  /** Who did it; null where nobody did, but a worker. */
  readonly by: Doer | null;
}

/** Whose call it was that an event tells of. Both stand in the event's data, readable for ever (ADR 28). */
export interface Doer {
  /** Null where it was no call, but a command of the shell. */
  readonly apiKeyId: string | null;
  /** Whom the panel named as the one behind it; `operator` from the shell. */
  readonly actor: string | null;
}

/** An event to be written with the fact that it tells. */
export interface NewEvent<N extends EventName = EventName> {
  readonly name: N;
  /** Fields known now; what only the statement knows comes from its `patch`. */
  readonly data: Partial<EventData<N>>;
  readonly personal?: EventPersonal<N>;
  /** Written only if the statement's guard row lists this outcome. */
  readonly when?: string;
  /**
   * Which job it starts, where the catalogue lists several. Payload ids only; `eventId` and `requestId` are filled in.
   */
  readonly job?: JobName;
  readonly payload?: Record<string, string>;
}

/** Makes an event; the type checks its data against the catalogue. */
export function event<N extends EventName>(
  name: N,
  data: Partial<EventData<N>>,
  more: Partial<NewEvent<N>> = {},
): NewEvent {
  return { name, data, ...more } as NewEvent;
}

/** An event as a statement reads it. */
interface WrittenEvent {
  readonly id: string;
  readonly type: EventName;
  readonly data: object;
  /** Sealed, base64. */
  readonly personal?: string;
  readonly job?: JobName;
  readonly payload?: OutboxPayload;
}

/** Stands for the outcome of events that are written whatever the outcome. */
const always = 'always';

/** `eventsToWrite` as a parameter of its own. */
export function eventsParameter(context: EventContext, list: readonly NewEvent[]): string {
  return JSON.stringify(eventsToWrite(context, list));
}

/**
 * The events as `appendEvents` reads them: by the outcome that writes them, since a statement is given one for every outcome
 * and expands those of its own only (a verify: 20 µs less of the database's time).
 * @throws {TypeError} where an event starts a job that the catalogue does not route it to
 */
export function eventsToWrite(context: EventContext, list: readonly NewEvent[]): object {
  const byOutcome: Record<string, WrittenEvent[]> = {};
  for (const item of list) (byOutcome[item.when ?? always] ??= []).push(written(context, item));
  const { tenantId, accountId, userId, userRef, requestId } = context;
  const { apiKeyId, actor } = context.by ?? {};
  const by = context.by && { ...(apiKeyId && { apiKeyId }), ...(actor && { actor }) };
  return { tenantId, accountId, userId, userRef, requestId, by, byOutcome };
}

function written(context: EventContext, item: NewEvent): WrittenEvent {
  const id = newId('event');
  const { jobs }: { readonly jobs: readonly JobName[] } = events[item.name];
  // No writer can forget the only one.
  const job = item.job ?? (jobs.length === 1 ? jobs[0] : undefined);
  if (item.job && !jobs.includes(item.job)) {
    throw new TypeError(`The event ${item.name} does not start the job ${item.job}.`);
  }
  const personal = item.personal && Object.values(item.personal).some((value) => value !== undefined);
  if (personal && !context.eventKey) throw new TypeError(`${item.name} has personal fields, but no key of its user.`);
  return {
    id,
    type: item.name,
    data: item.data,
    ...(personal
      ? { personal: sealPersonal(context.eventKey as Uint8Array, id, item.personal).toString('base64') }
      : {}),
    ...(job ? { job, payload: jobPayload(item, id, context.requestId) } : {}),
  };
}

function jobPayload(item: NewEvent, eventId: string, requestId: string | null | undefined): OutboxPayload {
  const payload: Record<string, string> = { ...(item.payload ?? { eventId }) };
  if (requestId) payload['requestId'] = requestId;
  const traceparent = tracing()?.traceparent;
  if (traceparent !== undefined) payload['traceparent'] = traceparent;
  return payload as OutboxPayload;
}

/**
 * The part of a statement that writes its events and the jobs they start, so that they stand or fall with the fact.
 *
 * @param written the JSON of `eventsToWrite`: a placeholder, or a column of the guard, which is then called `g`
 * @param guard name of a query of the statement that yields one row if the fact happened, with the columns
 *   `outcomes text[]` (which conditional events to write) and `patch jsonb` (fields to add, by event type)
 * @param userRef our id of the user, where only the statement knows it: a column of the guard `g`
 */
export function appendEvents(written: string, guard: string, userRef = 'w.user_ref'): string {
  return sql`
  new_event as (
    select e.*, w.tenant_id, w.account_id, w.user_id, ${userRef} as user_ref, w.request_id, w.done_by,
      coalesce(g.patch -> e.type, '{}'::jsonb) as patch
    from ${guard} g
    -- Not flattened, so that it is parsed once; and no event carries the others along: 2,500 at once took 15 s.
    cross join lateral (
      select c ->> 'tenantId' as tenant_id, c ->> 'accountId' as account_id, c ->> 'userId' as user_id,
        c ->> 'userRef' as user_ref, c ->> 'requestId' as request_id, c -> 'byOutcome' as by_outcome,
        coalesce(nullif(c -> 'by', 'null'), '{}') as done_by
      from (select ${written}::jsonb as c offset 0) context offset 0
    ) w
    cross join unnest(array_prepend('${always}', g.outcomes)) as o(outcome)
    cross join jsonb_to_recordset(w.by_outcome -> o.outcome) as e(
      id text, type text, data jsonb, personal text, job text, payload jsonb)
  ),
  recorded as (
    insert into event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data, personal_sealed)
    select id, tenant_id, type, account_id, user_id, user_ref, request_id, data || patch || done_by, decode(personal, 'base64')
    from new_event
  ),
  enqueued as (
    insert into outbox (id, job, line, payload)
    select id, job, coalesce(tenant_id, ''), payload from new_event where job is not null
  )`;
}

/** A guard row for facts whose events are all unconditional. */
export const noOutcomes = sql`array[]::text[] as outcomes, '{}'::jsonb as patch`;

/** Names of events that start no job. */
type QuietEvent = { [N in EventName]: (typeof events)[N]['jobs'] extends readonly [] ? N : never }[EventName];

/** A query whose rows are events; each property is SQL. */
interface EventQuery<N extends QuietEvent> {
  /** What follows `from`. */
  readonly from: string;
  /** Who or what an event is about, by the columns of `event`; a process may write those of its role only. */
  readonly columns: Readonly<Record<string, string>>;
  readonly data: { readonly [Field in keyof EventData<N>]-?: string };
}

/** Made by `eventOfEach`, read by `recordEvents`. */
interface EventRows {
  readonly columns: readonly string[];
  readonly query: string;
}

/** Events of one name, one for each row of a query; the type compares their data with the catalogue. */
export function eventOfEach<N extends QuietEvent>(name: N, { from, columns, data }: EventQuery<N>): EventRows {
  const fields = Object.entries<string>(data).map(([field, value]) => `'${field}', ${value}`);
  const object = sql`jsonb_build_object(${fields.join(', ')})`;
  const mayLack = Object.values(events[name].data.shape).some((field) => field.safeParse(undefined).success);
  return {
    columns: ['type', ...Object.keys(columns), 'data'],
    query: sql`select '${name}' as type, ${Object.entries(columns)
      .map(([column, value]) => `${value} as ${column}`)
      .join(', ')}, ${mayLack ? `jsonb_strip_nulls(${object})` : object} as data
     from ${from}`,
  };
}

/**
 * The part of a statement that writes an event for each row of its queries. `appendEvents` is for events that are known when
 * the statement is sent; here the statement finds what they tell.
 * @param ids a placeholder of new ids, one for each row at least: without an id the whole statement fails, so none is left out
 * @param rows with the same columns, where they are several
 */
export function recordEvents(ids: string, ...rows: readonly [EventRows, ...EventRows[]]): string {
  const columns = rows[0].columns.join(', ');
  return sql`
     insert into event (id, ${columns})
     select (${ids}::text[])[row_number() over ()], ${columns}
     from (${rows.map(({ query }) => query).join(' union all ')}) told`;
}

/** Columns of an event about the user that `joinOwner` joins. */
export const eventOwner = { account_id: 'a.external_id', user_id: 'u.external_id', user_ref: 'u.id' };
